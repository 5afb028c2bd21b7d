import { useQuery } from "@tanstack/react-query";

import {
  changePreview,
  type ChangePreview,
  type Interval,
  type Plan,
  type Subscription,
  subscribing,
  subscription as subscriptionQuery,
} from "../api/commerce";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { minorMoney, moment } from "../lib/format";
import { useAttempt } from "../shop/useAttempt";
import { t } from "../text";
import { Dialog } from "../ui/Dialog";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";

const text = t.billing;

/** Refusals after which what is shown is not what would be charged. */
const OUTDATED = ["PREVIEW_EXPIRED", "PRICE_CHANGED"];

/** What a change of plan costs now, and the agreement to exactly that. */
export function ChangeDialog({
  subscription,
  plan,
  interval,
  onChanged,
  onClose,
}: {
  subscription: Subscription;
  plan: Plan;
  interval: Interval;
  onChanged: () => void;
  onClose: () => void;
}) {
  const preview = useQuery(changePreview(plan.id, interval));
  const attempt = useAttempt();
  const change = useChange(
    async (agreed: ChangePreview) => {
      try {
        await subscribing.change(agreed, attempt(agreed));
      } catch (error) {
        if (OUTDATED.includes(ApiError.from(error).code)) await preview.refetch();
        throw error;
      }
      onChanged();
    },
    subscriptionQuery.queryKey,
    ["enrollments"],
  );
  const shown = preview.data;
  return (
    <Dialog title={text.changeTo(plan.name)} onClose={onClose}>
      {preview.isPending && <Loading />}
      <ErrorNotice error={preview.error} onRetry={() => void preview.refetch()} />
      {shown !== undefined && <Cost preview={shown} inTrial={subscription.is_trial} />}
      <ErrorNotice error={change.error} />
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={shown === undefined || preview.isFetching || change.isPending}
          onClick={() => shown !== undefined && change.mutate(shown)}
        >
          {text.change}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {t.common.cancel}
        </button>
      </div>
    </Dialog>
  );
}

function Cost({ preview, inTrial }: { preview: ChangePreview; inTrial: boolean }) {
  const { charge_cents: due, price_cents: price, currency, renewal_date: renewal } = preview;
  const why = inTrial ? text.inTrialChange : preview.new_period ? text.newPeriod : text.proration;
  return (
    <div className="stack" aria-live="polite">
      <dl className="amounts">
        <div className="amounts-total">
          <dt>{text.dueNow}</dt>
          <dd>{minorMoney(due, currency)}</dd>
        </div>
        <div>
          <dt>{text.then(text.intervals[preview.interval].toLowerCase())}</dt>
          <dd>{minorMoney(price, currency)}</dd>
        </div>
      </dl>
      <p className="small muted">{why}</p>
      {renewal != null && <p className="small muted">{text.nextPayment(moment(renewal))}</p>}
    </div>
  );
}
