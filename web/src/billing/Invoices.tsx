import { useInfiniteQuery } from "@tanstack/react-query";

import { type Invoice, invoices as invoicesQuery } from "../api/commerce";
import { minorMoney, moment } from "../lib/format";
import { t } from "../text";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";

const text = t.billing;

const KIND: Record<Invoice["status"], string> = {
  pending: "tag-busy",
  completed: "tag-good",
  failed: "tag-bad",
  refunded: "",
};

/** What somebody has paid for his subscriptions. */
export function Invoices() {
  const list = useInfiniteQuery(invoicesQuery);
  const invoices = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <section className="stack" aria-labelledby="invoices">
      <h2 id="invoices">{text.invoices}</h2>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {list.isSuccess && invoices.length === 0 && <p className="muted">{text.noInvoices}</p>}
      {invoices.length > 0 && (
        <ul className="plain card rows" aria-labelledby="invoices">
          {invoices.map((invoice) => (
            <InvoiceRow key={invoice.id} invoice={invoice} />
          ))}
        </ul>
      )}
      <MoreButton {...list} />
    </section>
  );
}

function InvoiceRow({ invoice }: { invoice: Invoice }) {
  const { status, currency, number, refunded_cents: refunded } = invoice;
  const when = invoice.completed_at ?? invoice.created_at;
  const said = [
    number != null && text.invoiceNumber(number),
    status === "completed" && refunded > 0 && text.partRefunded(minorMoney(refunded, currency)),
  ];
  return (
    <li className="row">
      <div className="lesson-title">
        <strong>{text.invoiceReasons[invoice.reason]}</strong>
        <p className="small muted">
          <time dateTime={when}>{moment(when)}</time>
          {said.map((part) => part !== false && ` · ${part}`)}
        </p>
      </div>
      <span className={`tag ${KIND[status]}`}>{text.invoiceStatus[status]}</span>
      <strong>{minorMoney(invoice.amount_cents, currency)}</strong>
    </li>
  );
}
