import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { basket, cartItem, orderOf } from "../testing/commerce";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const GATEWAY = {
  client_secret: "pi_1_secret_2",
  publishable_key: "pk_test_1",
  payment_intent_id: "pi_1",
  amount: 9_629,
  currency: "usd",
  payment_page: "http://127.0.0.1:9401/pay",
};

async function checkout(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({ "GET /auth/me": person(), "GET /cart": basket([cartItem()]), ...answers });
  const view = open("/checkout", { signedIn: true });
  await screen.findByText(/Billing address|Your cart is empty/);
  return { ...fake, ...view };
}

function address() {
  fill("Street and number", "12 St James's Square");
  fill("City", "London");
  fill(/^Postal code/, "SW1Y 4JH");
  fill("Country", "GB");
}

test("the cart becomes an order, which is then paid on the payment page", async () => {
  const { answers, bodies, path } = await checkout({
    "POST /orders/create-from-cart": { status: 201, body: orderOf() },
    "GET /orders/order-1": orderOf(),
    "POST /payments/create-payment-intent": { status: 201, body: GATEWAY },
  });
  const order = within(screen.getByRole("region", { name: "Your order" }));
  order.getByText("Rust in practice");
  address();
  answers["GET /cart"] = basket();
  press("Go on to the payment");
  const link = await screen.findByRole("link", { name: "Go to the payment page" });
  expect(path()).toBe("/checkout/order-1");
  const to = new URL((link as HTMLAnchorElement).href);
  expect(to.origin + to.pathname).toBe("http://127.0.0.1:9401/pay");
  expect(Object.fromEntries(to.searchParams)).toEqual({
    client_secret: "pi_1_secret_2",
    return_url: `${window.location.origin}/checkout/order-1/done`,
  });
  expect(bodies("POST /orders/create-from-cart")).toEqual([
    {
      billing_address: {
        first_name: "Ada",
        last_name: "Lovelace",
        email: "ada@example.com",
        address_line1: "12 St James's Square",
        address_line2: "",
        city: "London",
        state: "",
        postal_code: "SW1Y 4JH",
        country: "GB",
        phone: "",
      },
      payment_method: "card",
    },
  ]);
  expect(bodies("POST /payments/create-payment-intent")).toContainEqual({ order_id: "order-1" });
  screen.getByText("Tax");
  screen.getByText("$6.30");
});

test("what is wrong with the address stands at its field, which gets the focus", async () => {
  const details = { "billing_address.city": ["must not be blank"], "billing_address.phone": ["is no telephone number"] };
  await checkout({ "POST /orders/create-from-cart": refusal(422, "VALIDATION_FAILED", "Some fields are not valid.", { details }) });
  address();
  press("Go on to the payment");
  await screen.findByText("must not be blank");
  screen.getByText("is no telephone number");
  expect(screen.queryByRole("alert")).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("City")));
});

test("the same order goes under the same key, another one under another key", async () => {
  const { sent } = await checkout({ "POST /orders/create-from-cart": refusal(503, "GATEWAY_UNAVAILABLE", "Try again in a moment.") });
  address();
  const keys = () => sent("POST /orders/create-from-cart").map(({ idempotencyKey }) => idempotencyKey);
  for (const n of [1, 2]) {
    press("Go on to the payment");
    await waitFor(() => expect(keys()).toHaveLength(n));
    await screen.findByText("Try again in a moment.");
  }
  fill("City", "York");
  press("Go on to the payment");
  await waitFor(() => expect(keys()).toHaveLength(3));
  const [first, second, third] = keys();
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
  await screen.findByText("Try again in a moment.");
});

test("by bank transfer the order says where to and what for", async () => {
  const payment = {
    method: "bank_transfer",
    status: "pending",
    transaction_id: null,
    pay_by: "2026-11-27T10:00:00Z",
    bank_transfer: {
      account_holder: "LearnFlow Ltd",
      iban: "DE89370400440532013000",
      bic: "COBADEFFXXX",
      bank: null,
      reference: "ORD-2026-A00001",
    },
  } as const;
  const order = orderOf({ payment });
  const { bodies, path } = await checkout({
    "POST /orders/create-from-cart": { status: 201, body: order },
    "GET /orders/order-1": order,
  });
  address();
  screen.getByRole<HTMLInputElement>("radio", { name: /^Bank transfer/ }).click();
  press("Place the order");
  await screen.findByText(/Transfer \$96\.29 with the reference ORD-2026-A00001/);
  for (const part of ["LearnFlow Ltd", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "ORD-2026-A00001"]) screen.getByText(part);
  expect(screen.queryByText("Bank")).toBeNull();
  expect(path()).toBe("/account/orders/order-1");
  expect(bodies("POST /orders/create-from-cart")).toMatchObject([{ payment_method: "bank_transfer" }]);
});

test("an order of nothing opens its courses at once", async () => {
  const done = orderOf({ status: "completed", total_amount: 0, payment: { method: "free", status: "succeeded", transaction_id: null, pay_by: null, bank_transfer: null } });
  const promo = { code: "GIFT", applied: true, discount_amount: 89.99, refusal: null };
  await checkout({
    "GET /cart": basket([cartItem()], { promo, total_to_pay: 0 }),
    "POST /orders/create-from-cart": { status: 201, body: done },
    "GET /orders/order-1": done,
  });
  screen.getByText("There is nothing to pay. The courses open at once.");
  expect(screen.queryByRole("radio")).toBeNull();
  address();
  press("Order for free");
  await screen.findByRole("heading", { name: "Thank you!" });
});

test.each([
  ["CART_ITEMS_UNAVAILABLE", { items: [] }, "Look at the cart", "/cart"],
  ["PROMO_EXPIRED", {}, "Look at the cart", "/cart"],
  ["ORDER_PAID_ALREADY", { order_id: "order-0" }, "See the order", "/account/orders/order-0"],
])("a refused order leads to where it is put right: %s", async (code, details, name, to) => {
  await checkout({ "POST /orders/create-from-cart": refusal(409, code, "No.", { details }) });
  address();
  press("Go on to the payment");
  await alert();
  expect(screen.getByRole("link", { name }).getAttribute("href")).toBe(to);
});

test("without courses there is nothing to order", async () => {
  await checkout({ "GET /cart": basket() });
  screen.getByRole("link", { name: "Find a course" });
});

function at(path: string, answers: Parameters<typeof platform>[0]) {
  const fake = platform({ "GET /auth/me": person(), ...answers });
  const view = open(path, { signedIn: true });
  return { ...fake, ...view };
}

const CLOSED = "This order can't be paid any more";

test.each([
  ["cancelled meanwhile", orderOf({ status: "cancelled" }), {}],
  ["whose time is over", orderOf(), refusal(409, "ORDER_CLOSED", "The time is over.")],
])("an order %s can't be paid", async (_, order, intent) => {
  at("/checkout/order-1", { "GET /orders/order-1": order, "POST /payments/create-payment-intent": intent });
  await screen.findByRole("heading", { name: CLOSED });
  expect(screen.getByRole("link", { name: "Look at the cart" }).getAttribute("href")).toBe("/cart");
});

test("a payment that can't begin can be tried again", async () => {
  const { answers } = at("/checkout/order-1", {
    "GET /orders/order-1": orderOf(),
    "POST /payments/create-payment-intent": refusal(503, "GATEWAY_UNAVAILABLE", "The payment service does not answer."),
  });
  expect(await alert()).toContain("does not answer");
  answers["POST /payments/create-payment-intent"] = { status: 201, body: GATEWAY };
  press("Try again");
  await screen.findByRole("link", { name: "Go to the payment page" });
});

test("somebody else's order is not there", async () => {
  at("/checkout/order-9", { "GET /orders/order-9": refusal(404, "ORDER_NOT_FOUND", "No.") });
  await screen.findByRole("heading", { name: "There is no such order" });
});

const DONE = "/checkout/order-1/done?payment_intent=pi_1&payment_intent_client_secret=pi_1_secret_2&redirect_status=succeeded";
const CONFIRM = "POST /payments/confirm-payment";
const confirmed = (status: string) => ({ order_id: "order-1", status, message: "" });

test("back from the payment the order is confirmed, and awaited", async () => {
  const { answers, bodies, path } = at(DONE, { "GET /orders/order-1": orderOf(), [CONFIRM]: confirmed("processing") });
  await screen.findByRole("heading", { name: "Your payment is being checked" });
  await waitFor(() => expect(bodies(CONFIRM)).toEqual([{ order_id: "order-1", payment_intent_id: "pi_1" }]));
  await waitFor(() => expect(path()).toBe("/checkout/order-1/done?payment_intent=pi_1"));
  answers["GET /orders/order-1"] = orderOf({ status: "completed" });
  await screen.findByRole("heading", { name: "Thank you!" });
  expect(screen.getByRole("link", { name: "Rust in practice" }).getAttribute("href")).toBe("/courses/course-1");
  expect(screen.getByRole("link", { name: "Go to my learning" }).getAttribute("href")).toBe("/learn");
});

test.each([
  ["was declined", refusal(402, "PAYMENT_FAILED", "The card was declined.")],
  ["was not finished", confirmed("requires_payment_method")],
])("a payment that %s can be tried again", async (_, answer) => {
  at(DONE, { "GET /orders/order-1": orderOf(), [CONFIRM]: answer });
  await screen.findByRole("heading", { name: "The payment did not go through" });
  expect(await alert()).toContain("Nothing was charged.");
  expect(screen.getByRole("link", { name: "Try again" }).getAttribute("href")).toBe("/checkout/order-1");
});

test("money that fits no order is explained", async () => {
  at(DONE, { "GET /orders/order-1": orderOf(), [CONFIRM]: refusal(409, "PAYMENT_SET_ASIDE", "Nothing is lost: the support gives it back.") });
  expect(await alert()).toContain("Nothing is lost");
});

test("an order is awaited also where the platform could not ask the gateway", async () => {
  const { answers } = at(DONE, { "GET /orders/order-1": orderOf(), [CONFIRM]: refusal(503, "GATEWAY_UNAVAILABLE", "No answer.") });
  await screen.findByRole("heading", { name: "Your payment is being checked" });
  answers["GET /orders/order-1"] = orderOf({ status: "completed" });
  await screen.findByRole("heading", { name: "Thank you!" });
});

test("who was not at the gateway is led to the payment", async () => {
  const { path } = at("/checkout/order-1/done", {
    "GET /orders/order-1": orderOf(),
    "POST /payments/create-payment-intent": { status: 201, body: GATEWAY },
  });
  await screen.findByRole("link", { name: "Go to the payment page" });
  expect(path()).toBe("/checkout/order-1");
});
