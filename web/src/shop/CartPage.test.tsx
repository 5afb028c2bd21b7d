import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { basket, cartItem } from "../testing/commerce";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const go = cartItem({ id: "item-2" }, { id: "course-2", title: "Go in practice", slug: "go", price: 80, original_price: 80 });

async function opened(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({ "GET /auth/me": person(), "GET /cart": basket([cartItem(), go]), ...answers });
  const view = open("/cart", { signedIn: true });
  await screen.findByRole("heading", { level: 1, name: "Cart" });
  await screen.findByText(/Rust in practice|Your cart is empty|That did not work/);
  return { ...fake, ...view };
}

const line = (title: string) => within(screen.getByRole("heading", { level: 3, name: title }).closest("li") as HTMLElement);
const amount = (name: string) => within(screen.getByRole("region", { name: "Summary" })).getByText(name).nextElementSibling?.textContent;

test("the cart shows its courses and what they come to", async () => {
  await opened();
  line("Rust in practice").getByText("$89.99");
  line("Rust in practice").getByText("$129.99");
  expect(amount("Regular price")).toBe("$209.99");
  expect(amount("Reductions")).toBe("-$40.00");
  expect(amount("Total")).toBe("$169.99");
  expect(screen.getByRole("link", { name: "Go to checkout" }).getAttribute("href")).toBe("/checkout");
});

test("an empty cart leads to the courses", async () => {
  await opened({ "GET /cart": basket() });
  screen.getByText("Your cart is empty.");
  expect(screen.getByRole("link", { name: "Find a course" }).getAttribute("href")).toBe("/");
});

test("a cart that can't be read can be asked for again", async () => {
  const { answers } = await opened({ "GET /cart": refusal(503, "UNAVAILABLE", "In a moment.") });
  expect(await alert()).toContain("In a moment.");
  answers["GET /cart"] = basket([cartItem()]);
  press("Try again");
  await screen.findByRole("link", { name: "Rust in practice" });
});

test("prices that have changed are told", async () => {
  await opened({
    "GET /cart": basket([
      cartItem({ price_changed: true, price_at_adding: 99.99 }),
      { ...go, price_changed: true, price_at_adding: 70 },
    ]),
  });
  line("Rust in practice").getByText("Cheaper than when you added it ($99.99)");
  line("Go in practice").getByText("Dearer than when you added it ($70.00)");
});

test("what can't be bought is said, left out, and taken out at once", async () => {
  const gone = cartItem({ available: false, unavailable_reason: "not_for_sale" }, { price: null, original_price: null, slug: null });
  const { answers, bodies } = await opened({ "GET /cart": basket([gone, go]), "DELETE /cart/items/item-1": { status: 204 } });
  line("Rust in practice").getByText("Not for sale any more");
  expect(amount("Total")).toBe("$80.00");
  expect(screen.queryByRole("link", { name: "Go to checkout" })).toBeNull();
  answers["GET /cart"] = basket([go]);
  press("Take out 1 course that can't be bought");
  await screen.findByRole("link", { name: "Go to checkout" });
  expect(bodies("DELETE /cart/items/item-1")).toHaveLength(1);
});

test("a course is taken out, and the focus stays in the list", async () => {
  const { answers } = await opened({ "DELETE /cart/items/item-2": { status: 204 } });
  answers["GET /cart"] = basket([cartItem()]);
  press("Take out: Go in practice");
  await waitFor(() => expect(screen.queryByText("Go in practice")).toBeNull());
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Courses in the cart" }));
});

test("a course is kept for later", async () => {
  const { answers, bodies } = await opened({ "POST /wishlist": { status: 201, body: {} }, "DELETE /cart/items/item-2": { status: 204 } });
  answers["GET /cart"] = basket([cartItem()]);
  press("Move to wish list: Go in practice");
  await waitFor(() => expect(screen.queryByText("Go in practice")).toBeNull());
  expect(bodies("POST /wishlist")).toEqual([{ course_id: "course-2" }]);
});

test("the cart is emptied, after a question", async () => {
  window.confirm = vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true);
  const { answers, bodies } = await opened({ "DELETE /cart": { status: 204 } });
  press("Empty the cart");
  expect(bodies("DELETE /cart")).toEqual([]);
  answers["GET /cart"] = basket();
  press("Empty the cart");
  await screen.findByText("Your cart is empty.");
});

test("a promo code is given, and taken back", async () => {
  const promo = { code: "SUMMER", applied: true, discount_amount: 17, refusal: null };
  const { answers, bodies } = await opened({ "POST /cart/promo": {}, "DELETE /cart/promo": { status: 204 } });
  answers["GET /cart"] = basket([cartItem(), go], { promo, total_to_pay: 152.99 });
  fill("Promo code", " summer ");
  press("Apply");
  await screen.findByText("SUMMER takes $17.00 off.");
  expect(bodies("POST /cart/promo")).toEqual([{ code: "summer" }]);
  expect(amount("Promo code")).toBe("-$17.00");
  expect(amount("Total")).toBe("$152.99");
  answers["GET /cart"] = basket([cartItem(), go]);
  press("Remove the promo code SUMMER");
  await screen.findByLabelText("Promo code");
});

test.each([
  ["unknown", refusal(404, "PROMO_NOT_FOUND", "There is no such promo code. Check its letters and digits."), "Check its letters and digits."],
  ["expired", refusal(409, "PROMO_EXPIRED", "This promo code was valid until yesterday; use another one."), "use another one"],
  ["no code at all", refusal(422, "VALIDATION_FAILED", "Not valid.", { details: { code: ["must have 1 to 32 characters"] } }), "must have 1 to 32 characters"],
])("a promo code that is refused: %s", async (_, answer, said) => {
  await opened({ "POST /cart/promo": answer });
  fill("Promo code", "X");
  press("Apply");
  await screen.findByText(new RegExp(said));
});

test("a promo code that does not hold any more says why", async () => {
  const promo = { code: "SUMMER", applied: false, discount_amount: 0, refusal: "PROMO_EXPIRED" };
  await opened({ "GET /cart": basket([cartItem()], { promo }) });
  screen.getByText("SUMMER takes nothing off now.");
  screen.getByText("This code has expired. Use another one.");
});
