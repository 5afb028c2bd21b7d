import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, Navigate, useParams, useSearchParams } from "react-router";

import { confirmPayment, type Order, orderBeingPaid } from "../api/commerce";
import { ApiError } from "../api/errors";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { OrderFrame } from "./OrderFrame";
import { Receipt } from "./Receipt";

const text = t.checkout.done;

/** After so long the wait is explained. */
const LATE_MS = 20_000;

/** Where the browser comes back to from the gateway: what became of the payment, until that is decided. */
export function DonePage() {
  const { orderId = "" } = useParams();
  const intent = useIntent();
  const query = useQuery(orderBeingPaid(orderId));
  const queries = useQueryClient();
  const paid = query.data?.status === "completed";
  useEffect(() => {
    if (!paid) return;
    for (const key of ["cart", "orders", "enrollments", "courses", "course", "wishlist"])
      void queries.invalidateQueries({ queryKey: [key] });
  }, [paid, queries]);
  return (
    <OrderFrame query={query}>
      {(order) => {
        if (order.status === "completed") return <Paid order={order} />;
        if (order.status !== "pending") return <Navigate to={`/account/orders/${order.id}`} replace />;
        // Nobody has paid anything yet.
        return intent === null ? <Navigate to={`/checkout/${order.id}`} replace /> : <Waiting order={order} intent={intent} />;
      }}
    </OrderFrame>
  );
}

/** The payment that the address names. Its secret, which the gateway puts there too, is taken out of the address. */
function useIntent(): string | null {
  const [search, setSearch] = useSearchParams();
  const intent = search.get("payment_intent");
  const hasSecret = search.has("payment_intent_client_secret");
  useEffect(() => {
    if (hasSecret) setSearch({ payment_intent: intent ?? "" }, { replace: true });
  }, [hasSecret, intent, setSearch]);
  return intent;
}

function Waiting({ order, intent }: { order: Order; intent: string }) {
  const asked = useQuery(confirmPayment(order.id, intent));
  const late = useLate();
  const error = asked.error === null ? null : ApiError.from(asked.error);
  const status = asked.data?.status;
  if (error?.code === "PAYMENT_FAILED" || status === "requires_payment_method" || status === "requires_action")
    return <Failed order={order} />;
  // The platform could not ask now: the gateway tells it by itself, and the order is looked at meanwhile.
  const passes = error === null || error.isTransient || error.code === "PAYMENT_UNDER_WAY";
  if (!passes) {
    return (
      <Page title={text.failed} width="narrow">
        <ErrorNotice error={error} />
        <Link className="button" to={`/account/orders/${order.id}`}>
          {t.checkout.seeOrder}
        </Link>
      </Page>
    );
  }
  return (
    <Page title={text.waiting} lead={text.waitingLead} width="narrow">
      <Loading />
      {late && (
        <Notice>
          <p>{text.late}</p>
          <Link to={`/account/orders/${order.id}`}>{t.checkout.seeOrder}</Link>
        </Notice>
      )}
    </Page>
  );
}

function useLate(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}

function Failed({ order }: { order: Order }) {
  return (
    <Page title={text.failed} width="narrow">
      <Notice kind="bad">
        <p>{text.failedLead}</p>
      </Notice>
      <div className="row">
        <Link className="button primary" to={`/checkout/${order.id}`}>
          {text.tryAgain}
        </Link>
        <Link className="button" to={`/account/orders/${order.id}`}>
          {t.checkout.seeOrder}
        </Link>
      </div>
    </Page>
  );
}

function Paid({ order }: { order: Order }) {
  return (
    <Page title={text.paid} lead={text.paidLead} width="narrow">
      <ul className="card plain rows">
        {order.items.map((item) => (
          <li key={item.id}>
            <Link to={`/courses/${item.course.id}`}>{item.course.title}</Link>
          </li>
        ))}
      </ul>
      <div className="row">
        <Link className="button primary" to="/learn">
          {text.learn}
        </Link>
        <Receipt order={order} />
        <Link className="button" to={`/account/orders/${order.id}`}>
          {t.checkout.seeOrder}
        </Link>
      </div>
    </Page>
  );
}
