import { basket, cart as cartQuery, type Cart } from "../api/commerce";
import { useChange } from "../api/useChange";
import { money } from "../lib/format";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { useForm } from "../ui/useForm";

const text = t.shop.cart;

/** The promo code of a cart: given, or taken back. */
export function PromoForm({ cart }: { cart: Cart }) {
  return cart.promo == null ? <GiveCode /> : <Given promo={cart.promo} currency={cart.currency} />;
}

function GiveCode() {
  const apply = useChange(({ code }: { code: string }) => basket.setPromo(code.trim()), cartQuery.queryKey);
  const form = useForm({ code: "" }, apply);
  return (
    <form className="stack" onSubmit={form.onSubmit}>
      <ErrorNotice error={form.error} />
      <div className="with-button">
        <TextField
          label={text.promo}
          optional={false}
          required
          maxLength={64}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          {...form.text("code")}
        />
        <button type="submit" className="button" disabled={apply.isPending}>
          {text.promoApply}
        </button>
      </div>
    </form>
  );
}

function Given({ promo, currency }: { promo: NonNullable<Cart["promo"]>; currency: string }) {
  const remove = useChange(() => basket.removePromo(), cartQuery.queryKey);
  const { code, applied, discount_amount: saved, refusal } = promo;
  return (
    <div className="stack">
      <Notice kind={applied ? "good" : "info"}>
        <p>{applied ? text.promoApplied(code, money(saved, currency)) : text.promoKept(code)}</p>
        {!applied && refusal != null && <p>{t.shop.promoRefusals[refusal] ?? refusal}</p>}
        <button
          type="button"
          className="button small-button"
          aria-label={text.promoRemoveLabel(code)}
          disabled={remove.isPending}
          onClick={() => remove.mutate()}
        >
          {text.promoRemove}
        </button>
      </Notice>
      <ErrorNotice error={remove.error} />
    </div>
  );
}
