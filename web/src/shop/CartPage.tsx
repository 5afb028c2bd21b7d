import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Link } from "react-router";

import { basket, cart as cartQuery, type Cart } from "../api/commerce";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { Amounts } from "./Amounts";
import { CartLine } from "./CartLine";
import { PromoForm } from "./PromoForm";

const text = t.shop.cart;

/** What somebody is about to buy, at the prices of the moment. */
export function CartPage() {
  const { data: cart, error, isPending, refetch } = useQuery(cartQuery);
  const empty = cart?.items.length === 0;
  return (
    <Page title={text.title} width="wide" actions={cart !== undefined && !empty && <Clear />}>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {isPending && <Loading />}
      {empty && <EmptyCart />}
      {cart !== undefined && !empty && <Filled cart={cart} />}
    </Page>
  );
}

/** There is nothing to buy. */
export function EmptyCart() {
  return (
    <div className="empty">
      <h2>{text.empty}</h2>
      <p className="muted">{text.emptyHint}</p>
      <Link className="button primary" to="/">
        {text.find}
      </Link>
    </div>
  );
}

function Clear() {
  const clear = useChange(() => basket.clear(), cartQuery.queryKey);
  return (
    <>
      <button
        type="button"
        className="button danger"
        disabled={clear.isPending}
        onClick={() => {
          if (window.confirm(text.clearSure)) clear.mutate();
        }}
      >
        {text.clear}
      </button>
      <ErrorNotice error={clear.error} />
    </>
  );
}

function Filled({ cart }: { cart: Cart }) {
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <div className="two-columns">
      <section className="stack" aria-labelledby="cart-courses">
        <h2 id="cart-courses" ref={heading} tabIndex={-1}>
          {text.courses}
        </h2>
        <ul className="plain stack">
          {cart.items.map((item) => (
            <CartLine key={item.id} item={item} onGone={() => heading.current?.focus()} />
          ))}
        </ul>
      </section>
      <Summary cart={cart} />
    </div>
  );
}

function Summary({ cart }: { cart: Cart }) {
  const gone = cart.items.filter((item) => !item.available);
  const removeGone = useChange(async () => {
    for (const item of gone) await basket.remove(item.id);
  }, cartQuery.queryKey);
  return (
    <section className="card stack" aria-labelledby="summary">
      <h2 id="summary">{text.summary}</h2>
      <div className="stack" aria-live="polite">
        <Amounts lines={totals(cart)} currency={cart.currency} />
      </div>
      <p className="small muted">{text.taxNote}</p>
      <PromoForm cart={cart} />
      {gone.length > 0 ? (
        <>
          <button type="button" className="button" disabled={removeGone.isPending} onClick={() => removeGone.mutate()}>
            {text.removeUnavailable(gone.length)}
          </button>
          <ErrorNotice error={removeGone.error} />
        </>
      ) : (
        <Link className="button primary" to="/checkout">
          {text.checkout}
        </Link>
      )}
    </section>
  );
}

/** How a cart comes to its total. */
export function totals(cart: Cart): [string, number][] {
  const saved = cart.promo?.applied === true ? cart.promo.discount_amount : 0;
  return [
    ...(cart.total_discount > 0
      ? ([
          [text.regular, cart.total_original_price],
          [text.reduced, -cart.total_discount],
        ] satisfies [string, number][])
      : []),
    ...(saved > 0 ? ([[text.discount, -saved]] satisfies [string, number][]) : []),
    [text.total, cart.total_to_pay],
  ];
}
