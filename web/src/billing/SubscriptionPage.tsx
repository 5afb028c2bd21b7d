import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import {
  type Interval,
  type Plan,
  type Subscribed,
  type Subscription,
  subscription as subscriptionQuery,
  subscriptionBeingPaid,
  subscribing,
} from "../api/commerce";
import { CardStep } from "../shop/CardStep";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { takeFocus } from "../ui/takeFocus";
import { ChangeDialog } from "./ChangeDialog";
import { Current } from "./Current";
import { Invoices } from "./Invoices";
import { Plans } from "./Plans";
import { SubscribeDialog } from "./SubscribeDialog";

const text = t.billing;

const hasEnded = ({ status }: Subscription) => status === "cancelled" || status === "expired";

/** The caller's plan, or the choice of one. */
export function SubscriptionPage() {
  const back = useReturn();
  const query = useQuery(back === "paid" ? subscriptionBeingPaid : subscriptionQuery);
  const [begun, setBegun] = useState<Subscribed | null>(null);
  const [said, setSaid] = useState("");
  const current = query.data;
  const begin = (next: Subscribed) => {
    setSaid("");
    setBegun(next.client_secret == null ? null : next);
  };
  return (
    <Page title={text.title} lead={text.lead}>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading />}
      {said !== "" && <Notice kind="good" title={said} />}
      {begun === null && said === "" && <Returned back={back} />}
      {begun !== null && <Confirm begun={begun} onLater={() => setBegun(null)} />}
      {begun === null && current !== undefined && (
        <>
          {current !== null && !hasEnded(current) ? (
            <Subscriber subscription={current} checking={back === "paid"} onBegun={begin} onDone={setSaid} />
          ) : (
            <Newcomer hadOne={current !== null} onBegun={begin} />
          )}
          {current !== null && <Invoices />}
        </>
      )}
    </Page>
  );
}

type Back = "paid" | "kept" | "failed" | null;

/** How the browser came back from the gateway. What works with it, its secret, is taken out of the address. */
function useReturn(): Back {
  const [search, setSearch] = useSearchParams();
  const [outcome] = useState<Back>(() => {
    const status = search.get("redirect_status");
    if (status === null) return null;
    if (status !== "succeeded" && status !== "processing") return "failed";
    return search.has("setup_intent") ? "kept" : "paid";
  });
  const queries = useQueryClient();
  const [returned, given] = [search.has("redirect_status"), search.get("setup_intent")];
  useEffect(() => {
    if (!returned) return;
    setSearch({}, { replace: true });
    void queries.invalidateQueries({ queryKey: ["enrollments"] });
    if (outcome !== "kept" || given === null) return;
    const look = () => void queries.invalidateQueries({ queryKey: subscriptionQuery.queryKey });
    // Where this fails, the gateway's own message does the same a little later.
    subscribing.takeCard(given).then(look, () => undefined);
  }, [returned, setSearch, queries, outcome, given]);
  return outcome;
}

function Returned({ back }: { back: Back }) {
  if (back === "failed") return <Notice kind="bad" title={text.notPaid} />;
  return back === "kept" ? <Notice kind="good" title={text.cardKept} /> : null;
}

/** What a card is asked for: the title, and what is said below it. */
function wordsOf(keeps: boolean, again: boolean, inTrial: boolean): [string, string | null] {
  if (keeps) return inTrial ? [text.keepTitle, text.keepLead] : [text.changeTitle, text.changeLead];
  return again ? [text.payAgainTitle, text.payAgainLead] : [text.payTitle, null];
}

/** The first payment, one that failed, the card for the time after the trial, or another card. */
function Confirm({ begun, onLater }: { begun: Subscribed; onLater: () => void }) {
  const { client_secret, confirms } = begun;
  if (client_secret == null) return null;
  const keeps = confirms === "setup";
  const again = begun.subscription.status === "grace_period";
  const [title, lead] = wordsOf(keeps, again, begun.subscription.is_trial);
  return (
    <section className="card stack" aria-labelledby="confirm">
      <h2 id="confirm" ref={takeFocus} tabIndex={-1}>
        {title}
      </h2>
      {lead !== null && <p className="muted">{lead}</p>}
      <CardStep
        gateway={{ ...begun, client_secret }}
        label={keeps ? text.keepCard : text.pay}
        returnTo="/account/subscription"
      />
      <div>
        <button type="button" className="button quiet" onClick={onLater}>
          {text.later}
        </button>
      </div>
    </section>
  );
}

interface Chosen {
  plan: Plan;
  interval: Interval;
}

function Newcomer({ hadOne, onBegun }: { hadOne: boolean; onBegun: (begun: Subscribed) => void }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  return (
    <>
      {hadOne && (
        <Notice>
          <p>{text.ended}</p>
        </Notice>
      )}
      <Plans current={null} verb={text.subscribeTo} onChoose={(plan, interval) => setChosen({ plan, interval })} />
      {chosen !== null && (
        <SubscribeDialog
          {...chosen}
          onBegun={(begun) => {
            setChosen(null);
            onBegun(begun);
          }}
          onClose={() => setChosen(null)}
        />
      )}
    </>
  );
}

function Subscriber({
  subscription,
  checking,
  onBegun,
  onDone,
}: {
  subscription: Subscription;
  checking: boolean;
  onBegun: (begun: Subscribed) => void;
  onDone: (said: string) => void;
}) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const { status, cancel_at_period_end: ending, plan_id: plan, interval } = subscription;
  return (
    <>
      <Current subscription={subscription} checking={checking} onBegun={onBegun} onDone={onDone} />
      {status === "active" && (
        <>
          {ending && <p className="muted">{text.resumeFirst}</p>}
          <Plans
            current={{ plan, interval }}
            verb={text.changeTo}
            {...(!ending && { onChoose: (plan: Plan, interval: Interval) => setChosen({ plan, interval }) })}
          />
        </>
      )}
      {chosen !== null && (
        <ChangeDialog
          subscription={subscription}
          {...chosen}
          onChanged={() => {
            setChosen(null);
            onDone(text.changed);
          }}
          onClose={() => setChosen(null)}
        />
      )}
    </>
  );
}
