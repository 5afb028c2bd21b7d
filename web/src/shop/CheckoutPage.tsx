import { useQuery, useQueryClient } from "@tanstack/react-query";
import { memo, useState } from "react";
import { Link, useNavigate } from "react-router";

import {
  type BillingAddress,
  cart as cartQuery,
  type Cart,
  type ChosenMethod,
  createOrder,
  order as orderQuery,
} from "../api/commerce";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { useAuth, type User } from "../auth/useAuth";
import { money } from "../lib/format";
import { t } from "../text";
import { Select, TextField } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { useForm } from "../ui/useForm";
import { Amounts } from "./Amounts";
import { EmptyCart, totals } from "./CartPage";
import { Choices } from "./Choices";
import { countries } from "./countries";
import { useAttempt } from "./useAttempt";

const text = t.checkout;

/** Where the cart becomes an order: to whom the bill goes, and how it is paid. */
export function CheckoutPage() {
  const { data: cart, error, isPending, refetch } = useQuery(cartQuery);
  const { user } = useAuth();
  // The form stays as it is while its order empties the cart.
  const [ordering, setOrdering] = useState(false);
  const empty = cart?.items.length === 0 && !ordering;
  return (
    <Page title={text.title} width="wide">
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {(isPending || (cart !== undefined && user === null)) && <Loading />}
      {empty && <EmptyCart />}
      {cart !== undefined && !empty && user !== null && (
        <div className="two-columns">
          <CheckoutForm cart={cart} user={user} onOrdering={setOrdering} />
          <CartSummary cart={cart} />
        </div>
      )}
    </Page>
  );
}

/** What the API says of `billing_address.city` belongs to the field `city`. */
function ofFields(thrown: unknown): ApiError {
  const error = ApiError.from(thrown);
  const fields = Object.entries(error.fields);
  if (fields.length === 0) return error;
  const details = Object.fromEntries(fields.map(([name, said]) => [name.replace("billing_address.", ""), said]));
  return new ApiError({ ...error, message: error.message, details });
}

function CheckoutForm({ cart, user, onOrdering }: { cart: Cart; user: User; onOrdering: (now: boolean) => void }) {
  const attempt = useAttempt();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [method, setMethod] = useState<ChosenMethod>("card");
  const send = useChange(
    async (address: BillingAddress) => {
      onOrdering(true);
      try {
        const made = await createOrder(address, method, attempt({ address, method }));
        queries.setQueryData(orderQuery(made.id).queryKey, made);
        const page = made.payment.method === "bank_transfer" ? `/account/orders/${made.id}` : `/checkout/${made.id}`;
        await navigate(page, { replace: true });
      } catch (error) {
        onOrdering(false);
        throw ofFields(error);
      }
    },
    cartQuery.queryKey,
    ["orders"],
  );
  const { first_name, last_name, email } = user;
  const empty = { address_line1: "", address_line2: "", city: "", state: "", postal_code: "", country: "", phone: "" };
  const form = useForm<BillingAddress>({ first_name, last_name, email, ...empty }, send);
  const free = cart.total_to_pay === 0;
  const gone = cart.items.some((item) => !item.available);
  return (
    <form className="stack-large" onSubmit={form.onSubmit}>
      {gone && send.error === null && (
        <Notice title={text.unavailable}>
          <Link to="/cart">{text.toCart}</Link>
        </Notice>
      )}
      <section className="card stack" aria-labelledby="billing">
        <h2 id="billing">{text.billing}</h2>
        <p className="muted">{text.billingLead}</p>
        <AddressFields form={form} />
      </section>
      <section className="card stack" aria-label={text.method}>
        {free ? (
          <p>{text.nothingToPay}</p>
        ) : (
          <Choices
            legend={text.method}
            value={method}
            options={(["card", "bank_transfer"] as const).map((value) => ({
              value,
              label: text.methods[value],
              hint: text.methodHints[value],
            }))}
            onChange={setMethod}
          />
        )}
        <OrderError error={form.error} />
        <div>
          <button type="submit" className="button primary" disabled={send.isPending || gone}>
            {send.isPending ? text.submitting : text.submit[free ? "free" : method]}
          </button>
        </div>
      </section>
    </form>
  );
}

/** What went wrong with the order, and the way to where it can be put right. */
function OrderError({ error }: { error: ApiError | null }) {
  const details = error?.details as { order_id?: unknown } | null | undefined;
  const paid = error?.code === "ORDER_PAID_ALREADY" && typeof details?.order_id === "string" ? details.order_id : null;
  const cartIsWrong =
    error !== null && (/^(PROMO|CART)_/.test(error.code) || error.code === "CURRENCY_MISMATCH");
  return (
    <>
      <ErrorNotice error={error} />
      {paid !== null && <Link to={`/account/orders/${paid}`}>{text.seeOrder}</Link>}
      {cartIsWrong && <Link to="/cart">{text.toCart}</Link>}
    </>
  );
}

function AddressFields({ form }: { form: ReturnType<typeof useForm<BillingAddress>> }) {
  const names = text.fields;
  const field = (name: keyof BillingAddress) => ({ label: names[name], ...form.text(name) });
  return (
    <>
      <div className="fields">
        <TextField required maxLength={100} autoComplete="billing given-name" {...field("first_name")} />
        <TextField required maxLength={100} autoComplete="billing family-name" {...field("last_name")} />
      </div>
      <TextField type="email" required maxLength={254} autoComplete="billing email" {...field("email")} />
      <TextField required maxLength={255} autoComplete="billing address-line1" {...field("address_line1")} />
      <TextField maxLength={255} autoComplete="billing address-line2" {...field("address_line2")} />
      <div className="fields">
        <TextField required maxLength={100} autoComplete="billing address-level2" {...field("city")} />
        <TextField
          maxLength={20}
          autoComplete="billing postal-code"
          hint={text.postalHint}
          {...field("postal_code")}
        />
      </div>
      <div className="fields">
        <TextField maxLength={100} autoComplete="billing address-level1" {...field("state")} />
        <Select required autoComplete="billing country" {...field("country")}>
          <option value="">{text.chooseCountry}</option>
          <Countries />
        </Select>
      </div>
      <TextField type="tel" maxLength={32} autoComplete="billing tel" hint={text.phoneHint} {...field("phone")} />
    </>
  );
}

/** The countries, which do not change while somebody types. */
const Countries = memo(function Countries() {
  return countries().map(([code, name]) => (
    <option key={code} value={code}>
      {name}
    </option>
  ));
});

function CartSummary({ cart }: { cart: Cart }) {
  return (
    <section className="card stack" aria-labelledby="order">
      <h2 id="order">{text.order}</h2>
      <ul className="plain rows">
        {cart.items
          .filter((item) => item.available)
          .map(({ id, course }) => (
            <li key={id} className="order-head">
              <span>{course.title}</span>
              <span>{money(course.price ?? 0, course.currency)}</span>
            </li>
          ))}
      </ul>
      <Amounts lines={totals(cart)} currency={cart.currency} />
      <p className="small muted">{t.shop.cart.taxNote}</p>
      <Link to="/cart">{text.changeCart}</Link>
    </section>
  );
}
