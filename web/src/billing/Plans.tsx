import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Interval, type Plan, plans as plansQuery } from "../api/commerce";
import { minorMoney } from "../lib/format";
import { Choices } from "../shop/Choices";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";

const text = t.billing;

/** What a plan costs for each interval, in minor units; `null` where it is not sold so. */
export const priceOf = (plan: Plan, interval: Interval) =>
  interval === "annual" ? plan.price_annual_cents : plan.price_monthly_cents;

/** The plans that are sold, and the choice of one. */
export function Plans({
  current,
  verb,
  onChoose,
}: {
  /** What the caller has; the choice begins with its interval. */
  current: { plan: string; interval: Interval } | null;
  /** What choosing this plan is called. */
  verb: (plan: string) => string;
  /** Missing where nothing can be chosen now. */
  onChoose?: (plan: Plan, interval: Interval) => void;
}) {
  const list = useQuery(plansQuery);
  const [interval, setInterval] = useState<Interval>(current?.interval ?? "monthly");
  const plans = list.data?.results ?? [];
  return (
    <section className="stack" aria-labelledby="plans">
      <h2 id="plans">{text.plans}</h2>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {list.isSuccess && plans.length === 0 && <p className="muted">{text.none}</p>}
      {plans.some((plan) => plan.price_annual_cents != null) && (
        <Choices
          legend={text.interval}
          value={interval}
          options={(["monthly", "annual"] as const).map((value) => ({ value, label: text.intervals[value] }))}
          onChange={setInterval}
        />
      )}
      <ul className="cards">
        {plans.map((plan) => (
          <li key={plan.id}>
            <PlanCard
              plan={plan}
              interval={interval}
              isCurrent={plan.id === current?.plan && interval === current.interval}
              verb={verb}
              {...(onChoose !== undefined && { onChoose: () => onChoose(plan, interval) })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function PlanCard({
  plan,
  interval,
  isCurrent,
  verb,
  onChoose,
}: {
  plan: Plan;
  interval: Interval;
  isCurrent: boolean;
  verb: (plan: string) => string;
  onChoose?: () => void;
}) {
  const price = priceOf(plan, interval);
  const currency = plan.display_currency;
  const gives = [
    text.features.resolution(plan.max_resolution),
    ...(["premium_content_access", "ad_free", "early_access"] as const)
      .filter((feature) => plan[feature])
      .map((feature) => text.features[feature]),
  ];
  return (
    <article className="card stack plan" aria-label={plan.name}>
      <h3>{plan.name}</h3>
      {price == null ? (
        <p className="muted">{text.monthlyOnly}</p>
      ) : (
        <p>
          <span className="plan-price">{minorMoney(price, currency)}</span> {text.per[interval]}
        </p>
      )}
      {interval === "annual" && price != null && plan.annual_saving_cents > 0 && (
        <p>
          <span className="tag tag-good">{text.saves(minorMoney(plan.annual_saving_cents, currency))}</span>
        </p>
      )}
      <ul className="plain stack-small">
        {gives.map((gift) => (
          <li key={gift} className="row-tight">
            <span className="icon-done">
              <Icon name="check" />
            </span>
            {gift}
          </li>
        ))}
      </ul>
      {plan.trial_days > 0 && <p className="small muted">{text.trial(plan.trial_days)}</p>}
      {isCurrent ? (
        <p>
          <span className="tag tag-busy">{text.yours}</span>
        </p>
      ) : (
        price != null &&
        onChoose !== undefined && (
          <button type="button" className="button primary" onClick={onChoose}>
            {verb(plan.name)}
          </button>
        )
      )}
    </article>
  );
}
