import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Order } from "../api/commerce";
import { ApiError } from "../api/errors";
import { NotFoundPage } from "../pages/NotFoundPage";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";

/** A page about an order, once that is there. */
export function OrderFrame({ query, children }: { query: UseQueryResult<Order>; children: (order: Order) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) {
    return (
      <Page title={t.common.loading}>
        <Loading />
      </Page>
    );
  }
  if (ApiError.from(query.error).status === 404)
    return <NotFoundPage title={t.orders.notFound} body={t.orders.notFoundBody} />;
  return (
    <Page title={t.errors.title}>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
    </Page>
  );
}

/** How an order comes to its total. */
export function orderAmounts(order: Order): [string, number][] {
  const text = t.orders;
  const lines: [string, number][] = [
    [text.subtotal, order.subtotal],
    [text.discount, -order.discount_amount],
    [text.tax, order.tax_amount],
  ];
  return [...lines.filter(([, amount], at) => at === 0 || amount !== 0), [text.total, order.total_amount]];
}
