import { useState } from "react";

import { type Subscription, subscribing, subscription as subscriptionQuery } from "../api/commerce";
import { useChange } from "../api/useChange";
import { moment } from "../lib/format";
import { Choices } from "../shop/Choices";
import { t } from "../text";
import { Dialog } from "../ui/Dialog";
import { ErrorNotice } from "../ui/Notice";

const text = t.billing;

/** Ends a subscription, with its period or at once. */
export function CancelDialog({
  subscription,
  onCancelled,
  onClose,
}: {
  subscription: Subscription;
  onCancelled: () => void;
  onClose: () => void;
}) {
  // What was never paid, or is not paid now, has no period to its end.
  const hasPeriod = subscription.status === "active" && !subscription.cancel_at_period_end;
  const [when, setWhen] = useState<"end" | "now">(hasPeriod ? "end" : "now");
  const cancel = useChange(
    async () => {
      await subscribing.cancel(when === "end");
      onCancelled();
    },
    subscriptionQuery.queryKey,
    ["enrollments"],
  );
  return (
    <Dialog title={text.cancel} onClose={onClose}>
      {hasPeriod ? (
        <Choices
          legend={text.cancelWhen}
          value={when}
          options={[
            { value: "end", label: text.atEnd, hint: text.atEndHint(moment(subscription.renewal_date)) },
            { value: "now", label: text.now, hint: text.nowHint },
          ]}
          onChange={setWhen}
        />
      ) : (
        <p>{text.nowHint}</p>
      )}
      <ErrorNotice error={cancel.error} />
      <div className="row">
        <button type="button" className="button danger" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          {text.confirmCancel}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {text.keep}
        </button>
      </div>
    </Dialog>
  );
}
