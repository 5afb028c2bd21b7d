import { type Order, receipt } from "../api/commerce";
import { useChange } from "../api/useChange";
import { save } from "../lib/browser";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";

/** How long the browser may take to begin saving. */
const SAVING_MS = 60_000;

/** The receipt of an order that was paid. */
export function Receipt({ order }: { order: Order }) {
  const fetch = useChange(async () => {
    // A plain link would come without the session.
    const address = URL.createObjectURL(await receipt(order.id));
    save(address, t.orders.receiptName(order.order_number));
    setTimeout(() => URL.revokeObjectURL(address), SAVING_MS);
  });
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
