import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { Wish } from "../api/commerce";
import { cartItem } from "../testing/commerce";
import { alert, close, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

function wish(changes: Partial<Wish> = {}, course: Partial<Wish["course"]> = {}): Wish {
  const { added_at, price_at_adding, price_changed, available } = cartItem();
  const common = { added_at, price_at_adding, price_changed, available, enrolled: false, in_cart: false };
  return { course: cartItem({}, course).course, ...common, ...changes };
}

async function opened(results: Wish[], answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({ "GET /auth/me": person(), "GET /wishlist": { results, next: null }, ...answers });
  open("/account/wishlist", { signedIn: true });
  await screen.findByText(/Rust in practice|Nothing is on/);
  return fake;
}

test("wishes say what has become of them", async () => {
  await opened([
    wish({ price_changed: true, price_at_adding: 99.99 }),
    wish({ available: false }, { id: "2", title: "Gone", slug: null, price: null }),
    wish({ enrolled: true }, { id: "3", title: "Bought" }),
    wish({ in_cart: true }, { id: "4", title: "Taken" }),
  ]);
  screen.getByText("Cheaper than when you added it ($99.99)");
  screen.getByText("Not for sale now");
  screen.getByText("Enrolled");
  screen.getByRole("link", { name: "In your cart" });
  expect(screen.getAllByRole("button", { name: /^Move to cart/ })).toHaveLength(1);
});

test("a wish moves into the cart", async () => {
  const { answers, bodies } = await opened([wish()], { "POST /wishlist/course-1/move-to-cart": { status: 201, body: cartItem() } });
  answers["GET /wishlist"] = { results: [], next: null };
  press("Move to cart: Rust in practice");
  await screen.findByText("Nothing is on your wish list.");
  expect(bodies("POST /wishlist/course-1/move-to-cart")).toHaveLength(1);
});

test("a wish is removed, or not", async () => {
  const { answers } = await opened([wish()], { "DELETE /wishlist/course-1": refusal(503, "UNAVAILABLE", "In a moment.") });
  press("Remove from the wish list: Rust in practice");
  expect(await alert()).toContain("In a moment.");
  answers["DELETE /wishlist/course-1"] = { status: 204 };
  answers["GET /wishlist"] = { results: [], next: null };
  press("Remove from the wish list: Rust in practice");
  await screen.findByText("Nothing is on your wish list.");
});

test("more wishes come with the cursor", async () => {
  const { answers, sent } = await opened([], { "GET /wishlist": { results: [wish()], next: "/api/v1/wishlist?cursor=abc" } });
  answers["GET /wishlist"] = { results: [wish({}, { id: "2", title: "Another" })], next: null };
  press("Show more");
  await screen.findByText("Another");
  await waitFor(() => expect(sent("GET /wishlist").at(-1)?.path).toContain("cursor=abc"));
});
