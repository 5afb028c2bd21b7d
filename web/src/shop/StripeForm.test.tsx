import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { CardStep } from "./CardStep";

afterEach(cleanup);

const KEY = "pk_test_1";

// The loader keeps the first one that it finds.
let make = vi.fn();
vi.stubGlobal("Stripe", Object.assign((key: string) => make(key) as unknown, { version: "endive" }));

/** What Stripe's script puts into the page, as far as the form uses it. Its frames exist at Stripe alone. */
function stripe(refusal = "Your card was declined.") {
  const listeners: Record<string, () => void> = {};
  const element = {
    on: (name: string, listener: () => void) => (listeners[name] = listener),
    mount: vi.fn(),
    destroy: vi.fn(),
  };
  const elements = vi.fn().mockReturnValue({ create: vi.fn().mockReturnValue(element) });
  const answer = () => Promise.resolve({ error: { message: refusal } });
  const [confirmPayment, confirmSetup] = [vi.fn(answer), vi.fn(answer)];
  make = vi.fn().mockReturnValue({ elements, confirmPayment, confirmSetup, _registerWrapper: vi.fn() });
  return { element, elements, confirmPayment, confirmSetup, says: (name: string) => listeners[name]?.() };
}

async function opened(client_secret: string, label: string) {
  const fake = stripe();
  const gateway = { client_secret, publishable_key: KEY, payment_page: null };
  const view = render(<CardStep gateway={gateway} label={label} returnTo="/checkout/order-1/done" />);
  await vi.waitFor(() => expect(fake.element.mount).toHaveBeenCalled(), { timeout: 10_000 });
  return { ...fake, ...view };
}

test("a card is paid with in Stripe's form, which says why it did not work", async () => {
  const { confirmPayment, elements, element, says, unmount } = await opened("pi_1_secret_2", "Pay $96.29");
  expect(make).toHaveBeenCalledWith(KEY);
  expect(elements).toHaveBeenCalledWith(expect.objectContaining({ clientSecret: "pi_1_secret_2" }));
  expect(screen.queryByRole("button")).toBeNull();
  says("ready");
  fireEvent.click(await screen.findByRole("button", { name: "Pay $96.29" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Your card was declined.");
  const confirmParams = { return_url: `${window.location.origin}/checkout/order-1/done` };
  expect(confirmPayment).toHaveBeenCalledWith(expect.objectContaining({ confirmParams }));
  unmount();
  expect(element.destroy).toHaveBeenCalled();
});

test("a card is kept without a payment", async () => {
  const { confirmPayment, confirmSetup, says } = await opened("seti_1_secret_2", "Keep this card");
  says("ready");
  fireEvent.click(await screen.findByRole("button", { name: "Keep this card" }));
  await screen.findByRole("alert");
  expect(confirmSetup).toHaveBeenCalledOnce();
  expect(confirmPayment).not.toHaveBeenCalled();
});

test("a form that does not load can be loaded again", async () => {
  const { element, says } = await opened("pi_1_secret_2", "Pay");
  says("loaderror");
  expect((await screen.findByRole("alert")).textContent).toContain("could not be loaded");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await vi.waitFor(() => expect(element.mount).toHaveBeenCalledTimes(2));
  says("ready");
  await screen.findByRole("button", { name: "Pay" });
});
