import { type Interval, type Plan, type Subscribed, subscribing, subscription } from "../api/commerce";
import { useChange } from "../api/useChange";
import { minorMoney } from "../lib/format";
import { useAttempt } from "../shop/useAttempt";
import { t } from "../text";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { useForm } from "../ui/useForm";
import { priceOf } from "./Plans";

const text = t.billing;

/** The last question before somebody subscribes: the price, and a promo code. */
export function SubscribeDialog({
  plan,
  interval,
  onBegun,
  onClose,
}: {
  plan: Plan;
  interval: Interval;
  onBegun: (begun: Subscribed) => void;
  onClose: () => void;
}) {
  const attempt = useAttempt();
  const begin = useChange(
    async ({ promo_code: typed }: { promo_code: string }) => {
      const code = typed.trim();
      const wanted = { plan: plan.id, interval, ...(code !== "" && { promo_code: code }) };
      onBegun(await subscribing.begin(wanted, attempt(wanted)));
    },
    subscription.queryKey,
    ["enrollments"],
  );
  const check = useChange((code: string) => subscribing.validatePromo(code, plan.id, interval));
  const form = useForm({ promo_code: "" }, begin);
  const code = form.values.promo_code.trim();
  // What was said of another code than the one that stands there is outdated.
  const said = check.variables === code ? check.data : undefined;
  const price = minorMoney(priceOf(plan, interval) ?? 0, plan.display_currency);
  const why = said?.valid === false ? (t.shop.promoRefusals[said.error ?? ""] ?? said.message ?? "") : undefined;
  return (
    <Dialog title={text.subscribeTo(plan.name)} onClose={onClose}>
      <p>{text.terms(price, text.per[interval])}</p>
      {plan.trial_days > 0 && <p className="muted">{text.trial(plan.trial_days)}</p>}
      <form className="stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error ?? (check.variables === code ? check.error : null)} />
        <div className="with-button">
          <TextField
            label={text.promo}
            hint={text.promoHint}
            maxLength={64}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            {...form.text("promo_code")}
            error={form.fields.promo_code ?? why}
          />
          <button
            type="button"
            className="button"
            disabled={code === "" || check.isPending}
            onClick={() => check.mutate(code)}
          >
            {text.promoCheck}
          </button>
        </div>
        <p role="status">
          {said?.valid === true && text.firstPayment(minorMoney(said.final_price_cents, said.currency))}
        </p>
        <div className="row">
          <button type="submit" className="button primary" disabled={begin.isPending}>
            {text.subscribe}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t.common.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
