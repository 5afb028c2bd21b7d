import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { plans, type Subscribed, type Subscription, subscribing, subscription as subscriptionQuery } from "../api/commerce";
import { useChange } from "../api/useChange";
import { minorMoney, moment } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { CancelDialog } from "./CancelDialog";

const text = t.billing;

interface Props {
  subscription: Subscription;
  /** Whether its payment was made just now, and is being checked. */
  checking: boolean;
  /** There is something to confirm at the gateway. */
  onBegun: (begun: Subscribed) => void;
  /** Something was done; with the word for it. */
  onDone: (said: string) => void;
}

/** The subscription that somebody has. */
export function Current({ subscription, checking, onBegun, onDone }: Props) {
  const list = useQuery(plans);
  const { plan_id: planId, plan_type: kind } = subscription;
  const name = list.data?.results.find((plan) => plan.id === planId)?.name ?? text.planTypes[kind];
  return (
    <section className="card stack" aria-labelledby="current">
      <h2 id="current">{name}</h2>
      <Situation subscription={subscription} checking={checking} />
      <Facts subscription={subscription} />
      <Actions subscription={subscription} checking={checking} onBegun={onBegun} onDone={onDone} />
    </section>
  );
}

/** What is special about it now, and what can be done. */
function Situation({ subscription, checking }: Pick<Props, "subscription" | "checking">) {
  const { status, grace_period_ends_at: graceEnds, renewal_date: periodEnd } = subscription;
  if (status === "pending" || (status === "grace_period" && checking)) {
    return (
      <Notice>
        <p>{checking ? text.checking : text.pending}</p>
      </Notice>
    );
  }
  if (status === "grace_period") {
    return (
      <Notice kind="bad">
        <p>{text.grace(moment(graceEnds ?? periodEnd))}</p>
      </Notice>
    );
  }
  if (status === "suspended") {
    return (
      <Notice kind="bad">
        <p>{text.suspended}</p>
      </Notice>
    );
  }
  if (!subscription.cancel_at_period_end && !needsCard(subscription)) return null;
  return (
    <Notice>
      <p>{subscription.cancel_at_period_end ? text.ending(moment(periodEnd)) : text.noCard(moment(periodEnd))}</p>
    </Notice>
  );
}

/** Whether it ends with its trial unless a card is given. */
const needsCard = ({ status, is_trial, has_payment_method, cancel_at_period_end }: Subscription) =>
  status === "active" && is_trial && !has_payment_method && !cancel_at_period_end;

/** Whether it is renewed. */
const goesOn = ({ status, cancel_at_period_end }: Subscription) => status === "active" && !cancel_at_period_end;

/** What can be paid or given at the gateway now. */
function dueNow(subscription: Subscription): string | null {
  if (subscription.status === "pending") return text.pay;
  if (subscription.status === "grace_period") return text.payAgain;
  return needsCard(subscription) ? text.giveCard : null;
}

function Facts({ subscription }: { subscription: Subscription }) {
  const { status, currency, price_cents: price, interval, promo_code: promo } = subscription;
  const began = status !== "pending";
  const facts: [string, string][] = [
    [text.price, `${minorMoney(price, currency)} ${text.per[interval]}`],
    ...(began ? ([[text.since, moment(subscription.start_date)]] satisfies [string, string][]) : []),
    ...(goesOn(subscription) ? ([[text.renews, moment(subscription.renewal_date)]] satisfies [string, string][]) : []),
    ...(promo != null ? ([[text.promoUsed, promo]] satisfies [string, string][]) : []),
  ];
  return (
    <dl className="facts">
      <div>
        <dt>{text.state}</dt>
        <dd className="row-tight">
          <span className={status === "active" ? "tag tag-good" : "tag tag-busy"}>{text.status[status]}</span>
          {subscription.is_trial && <span className="tag">{text.inTrial}</span>}
        </dd>
      </div>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Actions({ subscription, checking, onBegun, onDone }: Props) {
  const [cancelling, setCancelling] = useState(false);
  const pay = useChange(async () => {
    const open = await subscribing.pay();
    onBegun(open);
    if (open.client_secret == null) onDone(text.paidMeanwhile);
  }, subscriptionQuery.queryKey);
  const changeCard = useChange(async () => onBegun(await subscribing.changeCard()), subscriptionQuery.queryKey);
  const resume = useChange(
    async () => {
      await subscribing.resume();
      onDone(text.resumed);
    },
    subscriptionQuery.queryKey,
  );
  const ending = subscription.status === "active" && subscription.cancel_at_period_end;
  const due = checking ? null : dueNow(subscription);
  return (
    <>
      <div className="row">
        {due !== null && (
          <button type="button" className="button primary" disabled={pay.isPending} onClick={() => pay.mutate()}>
            {due}
          </button>
        )}
        {due === null && goesOn(subscription) && (
          <button type="button" className="button" disabled={changeCard.isPending} onClick={() => changeCard.mutate()}>
            {text.changeCard}
          </button>
        )}
        {ending && (
          <button type="button" className="button primary" disabled={resume.isPending} onClick={() => resume.mutate()}>
            {text.resume}
          </button>
        )}
        <button type="button" className="button danger" onClick={() => setCancelling(true)}>
          {text.cancel}
        </button>
      </div>
      <ErrorNotice error={pay.error ?? changeCard.error ?? resume.error} />
      {cancelling && (
        <CancelDialog
          subscription={subscription}
          onCancelled={() => {
            setCancelling(false);
            onDone(text.cancelled);
          }}
          onClose={() => setCancelling(false)}
        />
      )}
    </>
  );
}
