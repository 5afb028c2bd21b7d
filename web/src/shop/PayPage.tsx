import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useParams } from "react-router";

import { order as orderQuery, type Order, paymentIntent } from "../api/commerce";
import { ApiError } from "../api/errors";
import { money, moment } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { Amounts } from "./Amounts";
import { CardStep } from "./CardStep";
import { orderAmounts, OrderFrame } from "./OrderFrame";

const text = t.checkout.pay;

/** Where an order is paid by card. */
export function PayPage() {
  const { orderId = "" } = useParams();
  const query = useQuery(orderQuery(orderId));
  return (
    <OrderFrame query={query}>
      {(order) => {
        if (order.status === "completed") return <Navigate to={`/checkout/${order.id}/done`} replace />;
        if (order.payment.method === "bank_transfer") return <Navigate to={`/account/orders/${order.id}`} replace />;
        return order.status === "pending" ? <Pay order={order} /> : <Closed order={order} />;
      }}
    </OrderFrame>
  );
}

function Pay({ order }: { order: Order }) {
  const intent = useQuery(paymentIntent(order.id));
  const error = intent.error === null ? null : ApiError.from(intent.error);
  const done = `/checkout/${order.id}/done`;
  if (error?.code === "ORDER_PAID_ALREADY") return <Navigate to={done} replace />;
  if (error?.code === "ORDER_CLOSED") return <Closed order={order} />;
  const total = money(order.total_amount, order.currency);
  return (
    <Page title={text.title} lead={text.lead(order.order_number, total)} width="narrow">
      <div className="card stack">
        <Amounts lines={orderAmounts(order)} currency={order.currency} />
      </div>
      <div className="card stack">
        {intent.isPending && <Loading />}
        <ErrorNotice error={error} onRetry={() => void intent.refetch()} />
        {intent.data !== undefined && <CardStep gateway={intent.data} label={text.submit(total)} returnTo={done} />}
      </div>
      {order.payment.pay_by != null && <p className="small muted">{text.until(moment(order.payment.pay_by))}</p>}
      <Link to={`/account/orders/${order.id}`}>{text.other}</Link>
    </Page>
  );
}

function Closed({ order }: { order: Order }) {
  return (
    <Page title={text.closed} width="narrow">
      <Notice>
        <p>{order.status === "pending" ? text.closedHint : t.orders.explained[order.status]}</p>
      </Notice>
      <div className="row">
        <Link className="button primary" to="/cart">
          {t.checkout.toCart}
        </Link>
        <Link className="button" to={`/account/orders/${order.id}`}>
          {t.checkout.seeOrder}
        </Link>
      </div>
    </Page>
  );
}
