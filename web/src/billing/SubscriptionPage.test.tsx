import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { invoice, plan, subscribed } from "../testing/commerce";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const plus = plan({
  id: "plan-plus",
  name: "Premium Plus",
  max_resolution: "4K",
  price_monthly_cents: 1_499,
  price_annual_cents: null,
  annual_saving_cents: 0,
  trial_days: 0,
});
const NONE = refusal(404, "SUBSCRIPTION_NOT_FOUND", "You have no subscription.");

async function opened(subscription: object, answers: Parameters<typeof platform>[0] = {}, query = "") {
  const fake = platform({
    "GET /auth/me": person(),
    "GET /plans": { results: [plan(), plus] },
    "GET /subscription": subscription,
    "GET /subscription/invoices": { results: [], next: null },
    ...answers,
  });
  const view = open(`/account/subscription${query}`, { signedIn: true });
  await screen.findByRole("heading", { level: 1, name: "Subscription" });
  return { ...fake, ...view };
}

const card = async (name: string) => within(await screen.findByRole("article", { name }));
const dialog = () => within(screen.getByRole("dialog"));

const begun = (changes: object = {}) => ({
  subscription: subscribed({ status: "pending", is_active: false }),
  client_secret: "pi_1_secret_2",
  confirms: "payment",
  publishable_key: "pk_test_1",
  payment_page: "http://127.0.0.1:9401/pay",
  ...changes,
});

test("plans are shown by the month and by the year", async () => {
  await opened(NONE);
  const premium = await card("Premium");
  for (const said of ["$9.99", "Pictures up to 1080p", "No advertisements", "14 days free, where you have had no trial yet"])
    premium.getByText(said);
  expect(premium.queryByText("New things first")).toBeNull();
  fireEvent.click(screen.getByRole("radio", { name: "Every year" }));
  premium.getByText("$99.90");
  premium.getByText("Saves $19.98 a year");
  const other = await card("Premium Plus");
  other.getByText("Is paid by the month only.");
  expect(other.queryByRole("button")).toBeNull();
});

test("no plan is sold, or the plans can't be read", async () => {
  const { answers } = await opened(NONE, { "GET /plans": refusal(503, "UNAVAILABLE", "In a moment.") });
  expect(await alert()).toContain("In a moment.");
  answers["GET /plans"] = { results: [] };
  press("Try again");
  await screen.findByText("No plan is sold at the moment.");
});

test("somebody subscribes with a promo code, and pays at the gateway", async () => {
  const { bodies, sent } = await opened(NONE, {
    "POST /promo-codes/validate": {
      valid: true, code: "SUMMER", discount_cents: 249, final_price_cents: 750, currency: "USD", error: null, message: null,
    },
    "POST /subscription": { status: 201, body: begun() },
  });
  fireEvent.click((await card("Premium")).getByRole("button", { name: "Subscribe to Premium" }));
  dialog().getByText("$9.99 a month, until you cancel.");
  fill(/^Promo code/, " SUMMER ");
  press("Check");
  await screen.findByText("The first payment is $7.50.");
  press("Subscribe");
  const link = await screen.findByRole("link", { name: "Go to the payment page" });
  expect(new URL((link as HTMLAnchorElement).href).searchParams.get("return_url")).toMatch(/\/account\/subscription$/);
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: "First payment" }));
  expect(bodies("POST /promo-codes/validate")).toEqual([{ code: "SUMMER", plan: "plan-premium", interval: "monthly" }]);
  expect(bodies("POST /subscription")).toEqual([{ plan: "plan-premium", interval: "monthly", promo_code: "SUMMER" }]);
  expect(sent("POST /subscription")[0]?.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
});

test("a promo code that is refused is told at its field", async () => {
  await opened(NONE, {
    "POST /promo-codes/validate": {
      valid: false, code: "OLD", discount_cents: null, final_price_cents: 999, currency: "USD", error: "PROMO_EXPIRED", message: "over",
    },
    "POST /subscription": refusal(422, "PROMO_USED_UP", "This promo code has been used up; use another one."),
  });
  fireEvent.click((await card("Premium")).getByRole("button", { name: "Subscribe to Premium" }));
  fill(/^Promo code/, "OLD");
  press("Check");
  await screen.findByText("This code has expired. Use another one.");
  expect(screen.getByLabelText(/^Promo code/).getAttribute("aria-invalid")).toBe("true");
  fill(/^Promo code/, "NEW");
  press("Subscribe");
  expect(await alert()).toContain("used up; use another one");
});

test("in a trial a card is kept for the time after it, or not", async () => {
  const trial = subscribed({ is_trial: true });
  const { answers } = await opened(NONE, {
    "POST /subscription": { status: 201, body: begun({ subscription: trial, client_secret: "seti_1_secret_2", confirms: "setup" }) },
  });
  fireEvent.click((await card("Premium")).getByRole("button", { name: "Subscribe to Premium" }));
  answers["GET /subscription"] = trial;
  press("Subscribe");
  await screen.findByText("Nothing is charged now. Without a card the plan ends with the trial.");
  press("Not now");
  await screen.findByText("Trial");
});

test("a first payment that is open can be made, or the subscription given up", async () => {
  const { bodies } = await opened(subscribed({ status: "pending", is_active: false, promo_code: "SUMMER" }), {
    "POST /subscription/payment-method": begun(),
    "POST /subscription/cancel": subscribed({ status: "cancelled" }),
  });
  await screen.findByText("Your plan begins with its first payment.");
  press("Pay now");
  await screen.findByRole("link", { name: "Go to the payment page" });
  await screen.findByRole("heading", { level: 2, name: "First payment" });
  press("Not now");
  press("Cancel the subscription");
  expect(dialog().queryByRole("radio")).toBeNull();
  press("Cancel it");
  await waitFor(() => expect(bodies("POST /subscription/cancel")).toEqual([{ at_period_end: false }]));
});

test("back from the gateway the first payment is awaited", async () => {
  const query = "?payment_intent=pi_1&payment_intent_client_secret=s&redirect_status=succeeded";
  const { answers, path } = await opened(subscribed({ status: "pending", is_active: false }), {}, query);
  await screen.findByText("Your payment is being checked. This takes some seconds.");
  await waitFor(() => expect(path()).toBe("/account/subscription"));
  expect(screen.queryByRole("button", { name: "Pay now" })).toBeNull();
  answers["GET /subscription"] = subscribed();
  await screen.findByText("Active");
});

test.each([
  ["?payment_intent=pi_1&redirect_status=failed", subscribed({ status: "pending", is_active: false }), /did not go through/],
  ["?setup_intent=seti_1&redirect_status=succeeded", subscribed({ is_trial: true }), /Your card is kept/],
])("back from the gateway with %s", async (query, subscription, said) => {
  await opened(subscription, { "POST /subscription/payment-method": begun() }, query);
  await screen.findByText(said);
});

test("back with another card it is taken without waiting for the gateway to tell of it", async () => {
  const { sent } = await opened(subscribed(), { "POST /subscription/payment-method": begun() }, "?setup_intent=seti_1&redirect_status=succeeded");
  await waitFor(() => expect(sent("POST /subscription/payment-method").map(({ path }) => path)).toEqual([
    expect.stringContaining("setup_intent=seti_1"),
  ]));
});

const PREVIEW = {
  plan: "plan-plus",
  interval: "monthly",
  charge_cents: 250,
  price_cents: 1_499,
  currency: "USD",
  new_period: false,
  renewal_date: "2026-12-01T10:00:00Z",
  previewed_at: "2026-11-16T10:00:00Z",
};

test("a change of plan shows what it costs, and charges exactly that", async () => {
  const { answers, bodies, sent } = await opened(subscribed(), {
    "GET /subscription/change-preview": PREVIEW,
    "POST /subscription/change": refusal(409, "PRICE_CHANGED", "Look again."),
  });
  (await card("Premium")).getByText("Your plan");
  fireEvent.click((await card("Premium Plus")).getByRole("button", { name: "Change to Premium Plus" }));
  await screen.findByText("$2.50");
  expect(sent("GET /subscription/change-preview")[0]?.path).toContain("plan=plan-plus&interval=monthly");
  answers["GET /subscription/change-preview"] = { ...PREVIEW, charge_cents: 240, previewed_at: "2026-11-16T11:00:00Z" };
  press("Change now");
  await screen.findByText("$2.40");
  expect(await alert()).toContain("Look at it again.");
  answers["POST /subscription/change"] = subscribed({ plan_id: "plan-plus" });
  answers["GET /subscription"] = subscribed({ plan_id: "plan-plus", plan_type: "premium_plus", price_cents: 1_499 });
  await waitFor(() => expect(screen.getByRole<HTMLButtonElement>("button", { name: "Change now" }).disabled).toBe(false));
  press("Change now");
  await screen.findByText("The plan is changed.");
  expect(bodies("POST /subscription/change").at(-1)).toEqual({
    plan: "plan-plus",
    interval: "monthly",
    charge_cents: 240,
    previewed_at: "2026-11-16T11:00:00Z",
  });
  await screen.findByRole("heading", { level: 2, name: "Premium Plus" });
});

test("whose card is declined keeps his plan", async () => {
  await opened(subscribed(), {
    "GET /subscription/change-preview": PREVIEW,
    "POST /subscription/change": refusal(402, "PAYMENT_DECLINED", "The card was declined, and nothing was charged."),
  });
  fireEvent.click((await card("Premium Plus")).getByRole("button", { name: "Change to Premium Plus" }));
  await screen.findByText("$2.50");
  press("Change now");
  expect(await alert()).toContain("nothing was charged");
  press("Cancel");
  (await card("Premium")).getByText("Your plan");
});

test("a subscription ends with its period, and that is taken back", async () => {
  const { answers, bodies } = await opened(subscribed(), {
    "POST /subscription/cancel": subscribed({ cancel_at_period_end: true }),
    "POST /subscription/resume": subscribed(),
  });
  fireEvent.click(await screen.findByRole("button", { name: "Cancel the subscription" }));
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /^With the period/ }).checked).toBe(true);
  answers["GET /subscription"] = subscribed({ cancel_at_period_end: true, end_date: "2026-12-01T10:00:00Z" });
  press("Cancel it");
  await screen.findByText(/^The plan ends on/);
  expect(bodies("POST /subscription/cancel")).toEqual([{ at_period_end: true }]);
  expect(screen.queryByRole("button", { name: "Change to Premium Plus" })).toBeNull();
  answers["GET /subscription"] = subscribed();
  press("Go on with the plan");
  await screen.findByText("The plan goes on.");
  await screen.findByRole("button", { name: "Change to Premium Plus" });
});

test("a subscription ends at once", async () => {
  const { answers, bodies } = await opened(subscribed(), { "POST /subscription/cancel": subscribed({ status: "cancelled" }) });
  fireEvent.click(await screen.findByRole("button", { name: "Cancel the subscription" }));
  fireEvent.click(screen.getByRole("radio", { name: /^At once/ }));
  answers["GET /subscription"] = subscribed({ status: "cancelled", is_active: false });
  press("Cancel it");
  await screen.findByText("Your last plan has ended. Choose one to subscribe again.");
  expect(bodies("POST /subscription/cancel")).toEqual([{ at_period_end: false }]);
  await screen.findByRole("button", { name: "Subscribe to Premium" });
});

test("what was paid is listed, page by page", async () => {
  const next = "http://learnflow.test/api/v1/subscription/invoices?page_size=12&cursor=c2";
  const { answers, sent } = await opened(subscribed(), {
    "GET /subscription/invoices": {
      results: [
        invoice({ id: "in_3", number: null, status: "failed", gateway_transaction_id: null, completed_at: null }),
        invoice({ id: "in_2", refunded_cents: 250 }),
      ],
      next,
    },
  });
  const list = within(await screen.findByRole("list", { name: "Payments" }));
  await list.findByText("Failed");
  list.getByText("Paid");
  list.getByText(/No\. LF-00042 · \$2\.50 went back/);
  answers["GET /subscription/invoices"] = {
    results: [invoice({ id: "in_1", reason: "beginning", status: "refunded", refunded_cents: 999 })],
    next: null,
  };
  press("Show more");
  await list.findByText("First period");
  list.getByText("Refunded");
  expect(list.getAllByRole("listitem")).toHaveLength(3);
  expect(sent("GET /subscription/invoices").at(-1)?.path).toContain("cursor=c2");
});

test("the payments of plans that have ended stay to be seen", async () => {
  await opened(subscribed({ status: "expired", is_active: false }));
  await screen.findByText("Nothing was paid so far.");
});

test("who never had a plan sees no list of payments", async () => {
  await opened(NONE);
  await card("Premium");
  expect(screen.queryByRole("heading", { name: "Payments" })).toBeNull();
});

const unpaid = subscribed({ status: "grace_period", grace_period_ends_at: "2026-12-08T10:00:00Z" });

test("who could not be charged learns until when the plan goes on, and pays with another card", async () => {
  const { sent } = await opened(unpaid, { "POST /subscription/payment-method": begun({ subscription: unpaid }) });
  expect(await alert()).toMatch(/You keep your plan until Dec 8, 2026/);
  expect(screen.queryByRole("heading", { name: "Plans" })).toBeNull();
  screen.getByRole("button", { name: "Cancel the subscription" });
  press("Pay with another card");
  await screen.findByRole("heading", { level: 2, name: "Payment that failed" });
  screen.getByText("The card that you pay with is kept for the next payments.");
  const link = screen.getByRole<HTMLAnchorElement>("link", { name: "Go to the payment page" });
  expect(new URL(link.href).searchParams.get("client_secret")).toBe("pi_1_secret_2");
  expect(sent("POST /subscription/payment-method")).toHaveLength(1);
});

test("what was paid meanwhile is not paid again", async () => {
  const { answers } = await opened(unpaid);
  await screen.findByRole("button", { name: "Pay with another card" });
  answers["POST /subscription/payment-method"] = begun({ subscription: subscribed(), client_secret: null, confirms: null });
  answers["GET /subscription"] = subscribed();
  press("Pay with another card");
  await screen.findByText("Nothing is to be paid now.");
  await screen.findByText("Active");
});

test("back from the gateway the grace period ends", async () => {
  const { answers } = await opened(unpaid, {}, "?payment_intent=pi_1&redirect_status=succeeded");
  await screen.findByText("Your payment is being checked. This takes some seconds.");
  expect(screen.queryByRole("button", { name: "Pay with another card" })).toBeNull();
  answers["GET /subscription"] = subscribed();
  await screen.findByText("Active");
});

test("a card for the time after the trial can be given later", async () => {
  const trial = subscribed({ is_trial: true, has_payment_method: false });
  await opened(trial, {
    "POST /subscription/payment-method": begun({ subscription: trial, client_secret: "seti_1_secret_2", confirms: "setup" }),
  });
  await screen.findByText(/^No card is kept yet\. Without one the plan ends with the trial, on Dec 1, 2026/);
  press("Give a card");
  await screen.findByRole("heading", { level: 2, name: "Card for the time after the trial" });
});

test("a trial with a card asks for none", async () => {
  await opened(subscribed({ is_trial: true }));
  await screen.findByText("Trial");
  expect(screen.queryByRole("button", { name: "Give a card" })).toBeNull();
});
