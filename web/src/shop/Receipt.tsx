import { type Order, receipt } from "../api/commerce";
import { useChange } from "../api/useChange";
import { saveBlob } from "../lib/browser";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";

/** The receipt of an order that was paid. */
export function Receipt({ order }: { order: Order }) {
  const fetch = useChange(async () => saveBlob(await receipt(order.id), t.orders.receiptName(order.order_number)));
  return (
    <>
      <button type="button" className="button" disabled={fetch.isPending} onClick={() => fetch.mutate()}>
        <Icon name="download" />
        {t.orders.receipt}
      </button>
      <ErrorNotice error={fetch.error} />
    </>
  );
}
