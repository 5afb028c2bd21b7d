import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { cancelOrder, cart, order as orderQuery, type Order } from "../api/commerce";
import { useChange } from "../api/useChange";
import { money, moment } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { Amounts } from "./Amounts";
import { countryName } from "./countries";
import { orderAmounts, OrderFrame } from "./OrderFrame";
import { StatusTag } from "./OrdersPage";
import { Receipt } from "./Receipt";

const text = t.orders;

/** States of orders for which there is a receipt. */
const PAID = ["completed", "refunded", "partially_refunded", "disputed"];

/** An order with all that belongs to it. */
export function OrderPage() {
  const { orderId = "" } = useParams();
  const query = useQuery(orderQuery(orderId));
  return <OrderFrame query={query}>{(order) => <Detail order={order} />}</OrderFrame>;
}

function Detail({ order }: { order: Order }) {
  const explained = text.explained[order.status];
  const total = money(order.total_amount, order.currency);
  const byTransfer = order.status === "pending" && order.payment.method === "bank_transfer";
  return (
    <Page title={text.order(order.order_number)} actions={<Link to="/account/orders">{text.back}</Link>}>
      {byTransfer && (
        <Notice title={t.checkout.transfer.title}>
          <p>{t.checkout.transfer.lead(total, order.order_number)}</p>
          <Account account={order.payment.bank_transfer} />
        </Notice>
      )}
      {explained !== "" && (
        <Notice>
          <p>{explained}</p>
        </Notice>
      )}
      <section className="card stack" aria-label={text.state}>
        <Facts order={order} />
        <Actions order={order} />
      </section>
      <Courses order={order} />
      <section className="card stack" aria-labelledby="amounts">
        <h2 id="amounts">{text.totals}</h2>
        <Amounts lines={orderAmounts(order)} currency={order.currency} />
        {order.refunded_amount > 0 && (
          <p className="order-head">
            <span>{text.refunded}</span>
            <span>{money(order.refunded_amount, order.currency)}</span>
          </p>
        )}
      </section>
      <BilledTo address={order.billing_address} />
    </Page>
  );
}

/** A name and its value, where there is one. */
type Fact = [string, string | null | undefined];

/** The account to which the total is to be transferred. */
function Account({ account }: { account: Order["payment"]["bank_transfer"] }) {
  const words = t.checkout.transfer;
  if (account == null) return <p>{words.unknown}</p>;
  const facts: Fact[] = [
    [words.holder, account.account_holder],
    [words.iban, account.iban.replace(/(.{4})(?=.)/g, "$1 ")],
    [words.bic, account.bic],
    [words.bank, account.bank],
    [words.reference, account.reference],
  ];
  return (
    <dl className="facts">
      <FactRows facts={facts} />
    </dl>
  );
}

function Facts({ order }: { order: Order }) {
  const { payment } = order;
  const facts: Fact[] = [
    [text.placed, moment(order.created_at)],
    [text.paidOn, order.completed_at && moment(order.completed_at)],
    [text.payBy, payment.pay_by && moment(payment.pay_by)],
    [text.method, text.methods[payment.method]],
    [text.transaction, payment.transaction_id],
    [text.promo, order.promo_code],
  ];
  return (
    <dl className="facts">
      <div>
        <dt>{text.state}</dt>
        <dd>
          <StatusTag status={order.status} />
        </dd>
      </div>
      <FactRows facts={facts} />
    </dl>
  );
}

/** Names with their values; what has none is left out. */
function FactRows({ facts }: { facts: Fact[] }) {
  return facts.map(
    ([name, value]) =>
      value != null && (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ),
  );
}

function Actions({ order }: { order: Order }) {
  const cancel = useChange(() => cancelOrder(order.id), orderQuery(order.id).queryKey, ["orders"], cart.queryKey);
  const pending = order.status === "pending";
  return (
    <>
      <div className="row">
        {pending && order.payment.method === "card" && (
          <Link className="button primary" to={`/checkout/${order.id}`}>
            {text.pay}
          </Link>
        )}
        {PAID.includes(order.status) && <Receipt order={order} />}
        {pending && (
          <button
            type="button"
            className="button danger"
            disabled={cancel.isPending}
            onClick={() => {
              if (window.confirm(text.cancelSure)) cancel.mutate();
            }}
          >
            {text.cancel}
          </button>
        )}
      </div>
      <ErrorNotice error={cancel.error} />
      {cancel.isSuccess && (
        <Notice kind="good">
          <p>{text.cancelled}</p>
        </Notice>
      )}
    </>
  );
}

function Courses({ order }: { order: Order }) {
  return (
    <section className="stack" aria-labelledby="courses">
      <h2 id="courses">{text.courses}</h2>
      <ul className="card plain rows">
        {order.items.map((item) => (
          <li key={item.id} className="order-head">
            <span>
              <Link to={`/courses/${item.course.id}`}>{item.course.title}</Link>
              {item.refunded_amount > 0 && (
                <span className="small muted"> {text.refundedOf(money(item.refunded_amount, order.currency))}</span>
              )}
            </span>
            <span>{money(item.price_at_purchase, order.currency)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function BilledTo({ address }: { address: Order["billing_address"] }) {
  const lines = [
    `${address.first_name} ${address.last_name}`,
    address.address_line1,
    address.address_line2,
    [address.postal_code, address.city].filter(Boolean).join(" "),
    address.state,
    countryName(address.country),
    address.email,
    address.phone,
  ];
  return (
    <section className="card stack" aria-labelledby="billed">
      <h2 id="billed">{text.billedTo}</h2>
      <address className="prewrap">{lines.filter((line) => line.trim() !== "").join("\n")}</address>
    </section>
  );
}
