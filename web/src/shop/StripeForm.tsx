import type { Stripe, StripeElements } from "@stripe/stripe-js";
import { loadStripe } from "@stripe/stripe-js/pure";
import { type SubmitEvent, useEffect, useRef, useState } from "react";

import { t } from "../text";
import { Notice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import type { AtGateway } from "./CardStep";

const text = t.checkout.pay;

type State =
  | { is: "loading" }
  | { is: "ready"; stripe: Stripe; elements: StripeElements }
  | { is: "broken" };

/** Stripe's Payment Element, from Stripe's own script: the card is typed into frames of Stripe. */
export function StripeForm({ gateway, label, back }: { gateway: AtGateway; label: string; back: string }) {
  const { client_secret: clientSecret, publishable_key: key } = gateway;
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<State>({ is: "loading" });
  const [paying, setPaying] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);

  useEffect(() => {
    let shown = true;
    let unmount: (() => void) | null = null;
    const fail = () => {
      if (shown) setState({ is: "broken" });
    };
    loadStripe(key).then((stripe) => {
      if (!shown || place.current === null) return;
      if (stripe === null) return fail();
      const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
      const elements = stripe.elements({ clientSecret, appearance: { theme: dark ? "night" : "stripe" } });
      const element = elements.create("payment");
      element.on("ready", () => {
        if (shown) setState({ is: "ready", stripe, elements });
      });
      element.on("loaderror", fail);
      element.mount(place.current);
      unmount = () => element.destroy();
    }, fail);
    return () => {
      shown = false;
      unmount?.();
    };
  }, [key, clientSecret, round]);

  const pay = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (state.is !== "ready") return;
    setPaying(true);
    setProblem(null);
    const { stripe, elements } = state;
    const to = { elements, confirmParams: { return_url: back } };
    // Where it works the browser leaves this page; what comes back is why it did not.
    const { error } = clientSecret.startsWith("seti_") ? await stripe.confirmSetup(to) : await stripe.confirmPayment(to);
    setPaying(false);
    setProblem(error.message ?? t.checkout.done.failedLead);
  };

  return (
    <form className="stack" aria-busy={state.is === "loading"} onSubmit={(event) => void pay(event)}>
      {state.is === "loading" && <Loading />}
      {state.is === "broken" && (
        <Notice kind="bad" title={t.errors.title}>
          <p>{text.formFailed}</p>
          <button
            type="button"
            className="button"
            onClick={() => {
              setState({ is: "loading" });
              setRound(round + 1);
            }}
          >
            {t.common.retry}
          </button>
        </Notice>
      )}
      <div ref={place} hidden={state.is === "broken"} className="card-form" />
      {problem !== null && <Notice kind="bad" title={problem} />}
      {state.is === "ready" && (
        <div>
          <button type="submit" className="button primary" disabled={paying}>
            {paying ? text.paying : label}
          </button>
        </div>
      )}
    </form>
  );
}
