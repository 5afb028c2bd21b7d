import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import type { OrderSummary } from "../api/commerce";
import * as browser from "../lib/browser";
import { orderOf } from "../testing/commerce";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const pageOf = (results: OrderSummary[], changes: object = {}) => ({
  count: results.length,
  total_pages: 1,
  current_page: 1,
  next: null,
  previous: null,
  results,
  ...changes,
});

async function list(answer: object, path = "/account/orders") {
  const fake = platform({ "GET /auth/me": person(), "GET /orders": answer });
  const view = open(path, { signedIn: true });
  await screen.findByRole("heading", { level: 1, name: "Orders" });
  const asked = () => fake.sent("GET /orders").at(-1)?.path.split("?")[1];
  return { ...fake, ...view, asked };
}

test("orders are listed with their state and what they came to", async () => {
  await list(pageOf([orderOf({ status: "completed" }), orderOf({ id: "2", order_number: "ORD-2026-B00001", status: "partially_refunded" })]));
  const first = within((await screen.findByRole("link", { name: "ORD-2026-A00001" })).closest("li") as HTMLElement);
  for (const said of ["$96.29", "Paid", "Rust in practice"]) first.getByText(said);
  const second = within(screen.getByRole("link", { name: "ORD-2026-B00001" }).closest("li") as HTMLElement);
  second.getByText("Partly refunded");
});

test("orders are filtered by state, and turned over, in the address", async () => {
  const { asked, path } = await list(pageOf([orderOf()], { total_pages: 3, current_page: 2 }), "/account/orders?page=2");
  await screen.findByText("Page 2 of 3");
  expect(asked()).toBe("page_size=10&page=2");
  expect(screen.getByRole("link", { name: "Next page" }).getAttribute("href")).toBe("/account/orders?page=3");
  fill("State", "refunded");
  await waitFor(() => expect(asked()).toBe("page_size=10&status=refunded"));
  expect(path()).toBe("/account/orders?status=refunded");
});

test("no order yet, and none in this state", async () => {
  const { path } = await list(pageOf([]));
  await screen.findByText("You have no order yet.");
  fill("State", "failed");
  await screen.findByText("No order is in this state.");
  expect(path()).toBe("/account/orders?status=failed");
});

test("orders that can't be read", async () => {
  const { answers } = await list(refusal(503, "UNAVAILABLE", "In a moment."));
  expect(await alert()).toContain("In a moment.");
  answers["GET /orders"] = pageOf([orderOf()]);
  press("Try again");
  await screen.findByRole("link", { name: "ORD-2026-A00001" });
});

async function one(order: object, answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({ "GET /auth/me": person(), "GET /orders/order-1": order, ...answers });
  const view = open("/account/orders/order-1", { signedIn: true });
  await screen.findByRole("heading", { level: 1, name: /ORD-2026-A00001|no such order/ });
  return { ...fake, ...view };
}

const paid = {
  status: "completed",
  completed_at: "2026-11-20T10:05:00Z",
  payment: { method: "card", status: "succeeded", transaction_id: "ch_1", pay_by: null, bank_transfer: null },
} as const;

test("an order shows what was bought, what was paid and by whom", async () => {
  const { items, ...order } = orderOf({ ...paid, discount_amount: 10, promo_code: "SUMMER", refunded_amount: 20 });
  await one({ ...order, items: items.map((item) => ({ ...item, refunded_amount: 20 })) });
  expect(screen.getByRole("link", { name: "Rust in practice" }).getAttribute("href")).toBe("/courses/course-1");
  for (const said of ["ch_1", "SUMMER", "-$10.00", "$96.29", "$20.00 refunded"]) screen.getByText(said);
  screen.getByText(/London United Kingdom/);
  expect(screen.queryByRole("button", { name: "Cancel the order" })).toBeNull();
});

test("the receipt is saved under the order's number", async () => {
  const saved = vi.spyOn(browser, "saveBlob").mockImplementation(() => undefined);
  const { answers } = await one(orderOf(paid), { "GET /orders/order-1/receipt": refusal(503, "UNAVAILABLE", "Not made yet.") });
  press("Download the receipt");
  expect(await alert()).toContain("Not made yet.");
  answers["GET /orders/order-1/receipt"] = { status: 200, body: "%PDF" };
  press("Download the receipt");
  await waitFor(() => expect(saved).toHaveBeenCalledWith(expect.any(Blob), "receipt-ORD-2026-A00001.pdf"));
});

test("an order that waits is paid or cancelled", async () => {
  window.confirm = vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true);
  const { answers, bodies } = await one(orderOf(), { "POST /orders/order-1/cancel": orderOf({ status: "cancelled" }) });
  expect(screen.getByRole("link", { name: "Pay now" }).getAttribute("href")).toBe("/checkout/order-1");
  press("Cancel the order");
  expect(bodies("POST /orders/order-1/cancel")).toEqual([]);
  answers["GET /orders/order-1"] = orderOf({ status: "cancelled" });
  press("Cancel the order");
  await screen.findByText("The order is cancelled.");
  await waitFor(() => expect(screen.queryByRole("link", { name: "Pay now" })).toBeNull());
});

test("an order that is paid in this moment is not cancelled", async () => {
  window.confirm = vi.fn().mockReturnValue(true);
  await one(orderOf(), { "POST /orders/order-1/cancel": refusal(409, "ORDER_PAID_ALREADY", "Paid.", { details: { order_id: "order-1" } }) });
  press("Cancel the order");
  expect(await alert()).toContain("This order is paid already.");
});

test("there is no such order", async () => {
  await one(refusal(404, "ORDER_NOT_FOUND", "No."));
});
