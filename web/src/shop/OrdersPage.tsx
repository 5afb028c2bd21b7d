import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { orders as ordersQuery, type OrderStatus, type OrderSummary } from "../api/commerce";
import { ApiError } from "../api/errors";
import { Pager } from "../catalogue/Pager";
import { money, moment } from "../lib/format";
import { t } from "../text";
import { Select } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";

const text = t.orders;

const KIND: Partial<Record<OrderStatus, string>> = {
  pending: "tag-busy",
  completed: "tag-good",
  failed: "tag-bad",
  disputed: "tag-bad",
};

/** The state of an order. */
export function StatusTag({ status }: { status: OrderStatus }) {
  return <span className={`tag ${KIND[status] ?? ""}`}>{text.status[status]}</span>;
}

const isStatus = (value: string | null): value is OrderStatus => value !== null && value in text.status;

/** What somebody has bought. The page's address is the query. */
export function OrdersPage() {
  const [search, setSearch] = useSearchParams();
  const chosen = search.get("status");
  const status = isStatus(chosen) ? chosen : null;
  const page = Math.max(1, Number.parseInt(search.get("page") ?? "1", 10) || 1);
  const list = useQuery(ordersQuery({ ...(page > 1 && { page }), ...(status !== null && { status }) }));
  const href = (to: number) =>
    `?${new URLSearchParams({ ...(status !== null && { status }), ...(to > 1 && { page: String(to) }) }).toString()}`;
  const found = list.data;
  return (
    <Page title={text.title} lead={text.lead}>
      <div className="narrow">
        <Select
          label={text.filter}
          value={status ?? ""}
          onChange={({ target }) => setSearch(target.value === "" ? {} : { status: target.value })}
        >
          <option value="">{text.all}</option>
          {Object.entries(text.status).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Select>
      </div>
      <ErrorNotice
        error={list.error}
        {...(list.error !== null && ApiError.from(list.error).isTransient && { onRetry: () => void list.refetch() })}
      />
      {list.isPending && <Loading />}
      {found?.results.length === 0 && (
        <div className="empty" role="status">
          <h2>{status === null ? text.empty : text.emptyOf}</h2>
          <Link className="button primary" to={status === null ? "/" : "/account/orders"}>
            {status === null ? t.shop.cart.find : text.back}
          </Link>
        </div>
      )}
      {found !== undefined && found.results.length > 0 && (
        <div className="stack" aria-busy={list.isPlaceholderData}>
          <ul className="plain stack" aria-label={text.list}>
            {found.results.map((order) => (
              <OrderRow key={order.id} order={order} />
            ))}
          </ul>
          <Pager page={found.current_page} of={found.total_pages} href={href} />
        </div>
      )}
    </Page>
  );
}

function OrderRow({ order }: { order: OrderSummary }) {
  return (
    <li className="card stack">
      <div className="order-head">
        <h2 className="shop-line-title">
          <Link to={`/account/orders/${order.id}`}>{order.order_number}</Link>
        </h2>
        <strong>{money(order.total_amount, order.currency)}</strong>
      </div>
      <p className="row-tight small muted">
        <StatusTag status={order.status} />
        {moment(order.created_at)} · {text.items(order.items_count)}
      </p>
      <p className="small clamp">{order.items.map((item) => item.course.title).join(", ")}</p>
    </li>
  );
}
