import { lazy, Suspense } from "react";

import { t } from "../text";
import { Loading } from "../ui/Page";

const text = t.checkout.pay;

// Stripe's part is loaded by who pays there, and by nobody else.
const StripeForm = lazy(async () => ({ default: (await import("./StripeForm")).StripeForm }));

/** What the browser pays with at the gateway. */
export interface AtGateway {
  client_secret: string;
  publishable_key: string;
  payment_page?: string | null;
}

/**
 * Where somebody gives a card: in the gateway's own form, or on the page that stands in for it. Card numbers never reach the platform. Afterwards
 * the browser comes back to `returnTo`, a path of this client, with `payment_intent` or `setup_intent` and `redirect_status`.
 */
export function CardStep({ gateway, label, returnTo }: { gateway: AtGateway; label: string; returnTo: string }) {
  const back = new URL(returnTo, window.location.origin).href;
  if (typeof gateway.payment_page === "string") {
    const page = new URL(gateway.payment_page);
    page.searchParams.set("client_secret", gateway.client_secret);
    page.searchParams.set("return_url", back);
    return (
      <div className="stack-small">
        <a className="button primary" href={page.href} rel="noreferrer">
          {text.open}
        </a>
        <p className="hint">{text.openHint}</p>
      </div>
    );
  }
  return (
    <Suspense fallback={<Loading />}>
      <StripeForm gateway={gateway} label={label} back={back} />
    </Suspense>
  );
}
