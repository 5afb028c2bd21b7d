import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { basket, cartItem } from "../testing/commerce";
import { detail, listed, page, reviewPage } from "../testing/courses";
import { alert, close, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const sold = { price: 89.99, original_price: 129.99, discount_percent: 31 };

async function opened(answers: Parameters<typeof platform>[0] = {}, signedIn = true) {
  const fake = platform({
    "GET /courses/rust-in-practice": detail(sold),
    "GET /courses/course-1/reviews": reviewPage([]),
    "GET /courses/course-1/related": { results: [] },
    "GET /auth/me": person(),
    ...answers,
  });
  const view = open("/courses/rust-in-practice", { signedIn });
  await screen.findByRole("heading", { level: 1, name: "Rust in practice" });
  return { ...fake, ...view };
}

test("a course goes into the cart", async () => {
  const { answers, bodies } = await opened({ "POST /cart/items": { status: 201, body: cartItem() } });
  screen.getByRole("link", { name: "Cart, empty" });
  answers["GET /cart"] = basket([cartItem()]);
  press("Add to cart");
  const link = await screen.findByRole("link", { name: "Go to the cart" });
  expect(link.getAttribute("href")).toBe("/cart");
  expect(document.activeElement).toBe(link);
  expect(bodies("POST /cart/items")).toEqual([{ course_id: "course-1" }]);
  screen.getByRole("link", { name: "Cart, 1 course" });
});

test("a course that can't be added", async () => {
  await opened({ "POST /cart/items": refusal(409, "CART_FULL", "A cart has at most 50 courses. Buy some, or take one out.") });
  press("Add to cart");
  expect(await alert()).toContain("Buy some, or take one out.");
});

test("who buys at once comes to the checkout, also with the course in the cart already", async () => {
  const { path } = await opened({
    "GET /cart": basket([cartItem()]),
    "POST /cart/items": refusal(409, "ALREADY_IN_CART", "It is there.", { details: { item_id: "item-1" } }),
  });
  press("Buy now");
  await waitFor(() => expect(path()).toBe("/checkout"));
  await screen.findByRole("heading", { name: "Billing address" });
});

test("a course goes on the wish list, and off again", async () => {
  const { bodies } = await opened({
    "POST /wishlist": { status: 201, body: {} },
    "DELETE /wishlist/course-1": { status: 204 },
  });
  const button = () => screen.getByRole<HTMLButtonElement>("button", { name: "Wish list: Rust in practice" });
  expect(button().getAttribute("aria-pressed")).toBe("false");
  fireEvent.click(button());
  await waitFor(() => expect(button().getAttribute("aria-pressed")).toBe("true"));
  expect(bodies("POST /wishlist")).toEqual([{ course_id: "course-1" }]);
  await waitFor(() => expect(button().disabled).toBe(false));
  fireEvent.click(button());
  await waitFor(() => expect(button().getAttribute("aria-pressed")).toBe("false"));
});

test("a visitor logs in to buy", async () => {
  await opened({}, false);
  const link = screen.getByRole("link", { name: "Log in to buy" });
  expect(link.getAttribute("href")).toBe("/login?next=%2Fcourses%2Frust-in-practice");
  expect(screen.queryByRole("link", { name: /^Cart/ })).toBeNull();
});

test("in the catalogue each card has what fits its course", async () => {
  const { answers } = platform({
    "GET /auth/me": person({ id: "me" }),
    "GET /courses": page([
      listed({ ...sold, id: "course-1", title: "Sold" }),
      listed({ ...sold, id: "course-2", title: "Mine", instructor: { id: "me", first_name: "Ada", last_name: "Lovelace" } }),
      listed({ ...sold, id: "course-3", title: "Bought", enrolled: true }),
      listed({ id: "course-4", title: "Free" }),
    ]),
    "GET /categories": { results: [] },
    "GET /search/popular": { results: [] },
    "POST /cart/items": { status: 201, body: cartItem() },
  });
  open("/", { signedIn: true });
  const card = (title: string) =>
    within(screen.getByRole("link", { name: title }).closest("article") as HTMLElement);
  await screen.findByRole("button", { name: "Add to cart: Sold" });
  await waitFor(() => expect(card("Mine").queryAllByRole("button")).toEqual([]));
  expect(card("Bought").queryAllByRole("button")).toEqual([]);
  expect(card("Free").getAllByRole("button").map((button) => button.getAttribute("aria-label"))).toEqual(["Wish list: Free"]);
  answers["GET /cart"] = basket([cartItem()]);
  press("Add to cart: Sold");
  expect((await card("Sold").findByRole("link", { name: "In your cart" })).getAttribute("href")).toBe("/cart");
});

const premium = { "GET /courses/rust-in-practice": detail({ ...sold, in_plans: true }) };
const features = (premium_content: boolean) => ({ plan_type: "premium", max_resolution: "1080p", features: { premium_content } });

test("a course that is part of plans is taken with a plan", async () => {
  const { sent } = await opened({
    ...premium,
    "GET /subscription/features": features(true),
    "POST /courses/course-1/enroll": refusal(409, "ALREADY_ENROLLED", "You are enrolled already."),
  });
  fireEvent.click(await screen.findByRole("button", { name: "Take it with your plan" }));
  expect(await alert()).not.toBe("");
  expect(sent("POST /courses/course-1/enroll")).toHaveLength(1);
  screen.getByRole("button", { name: "Add to cart" });
});

test("who has no plan for it finds the plans, or buys it", async () => {
  await opened({ ...premium, "GET /subscription/features": features(false) });
  const link = await screen.findByRole("link", { name: "Part of plans: see them" });
  expect(link.getAttribute("href")).toBe("/account/subscription");
  expect(screen.queryByRole("button", { name: "Take it with your plan" })).toBeNull();
  screen.getByRole("button", { name: "Buy now" });
});
