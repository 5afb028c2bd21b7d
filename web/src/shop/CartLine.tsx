import { Link } from "react-router";

import { basket, cart as cartQuery, type CartItem } from "../api/commerce";
import { useChange } from "../api/useChange";
import { money } from "../lib/format";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { ErrorNotice } from "../ui/Notice";

const text = t.shop.cart;

/** A course in the cart. */
export function CartLine({ item, onGone }: { item: CartItem; onGone: () => void }) {
  const { course, available, unavailable_reason: why } = item;
  const remove = useChange(async () => {
    await basket.remove(item.id);
    onGone();
  }, cartQuery.queryKey);
  const later = useChange(
    async () => {
      await basket.wish(course.id);
      await basket.remove(item.id);
      onGone();
    },
    cartQuery.queryKey,
    ["wishlist"],
    ["courses"],
  );
  const busy = remove.isPending || later.isPending;
  return (
    <li className="card shop-line">
      <Cover title={course.title} picture={course.thumbnail} />
      <div className="shop-line-body">
        <h3>{course.slug == null ? course.title : <Link to={`/courses/${course.slug}`}>{course.title}</Link>}</h3>
        {!available && why != null && (
          <p className="small">
            <span className="tag tag-bad">{text.unavailable[why]}</span> {text.unavailableHint[why]}
          </p>
        )}
        {item.price_changed && <PriceChange course={course} before={item.price_at_adding} />}
        <div className="row">
          <button
            type="button"
            className="button quiet small-button"
            aria-label={text.removeLabel(course.title)}
            disabled={busy}
            onClick={() => remove.mutate()}
          >
            {text.remove}
          </button>
          {available && (
            <button
              type="button"
              className="button quiet small-button"
              aria-label={text.laterLabel(course.title)}
              disabled={busy}
              onClick={() => later.mutate()}
            >
              {text.later}
            </button>
          )}
        </div>
        <ErrorNotice error={remove.error ?? later.error} />
      </div>
      {available && <LinePrice course={course} />}
    </li>
  );
}

type Course = CartItem["course"];

/** What a course costs now, and what it cost before its reduction. */
export function LinePrice({ course: { price, original_price: regular, currency } }: { course: Course }) {
  if (price == null) return null;
  return (
    <p className="shop-line-price">
      <strong>{money(price, currency)}</strong>
      {regular != null && regular > price && (
        <s className="small muted">
          <span className="visually-hidden">{t.catalogue.before}</span> {money(regular, currency)}
        </s>
      )}
    </p>
  );
}

/** That the price is another one than when the course was added. */
export function PriceChange({ course, before }: { course: Course; before: number }) {
  if (course.price == null) return null;
  const cheaper = course.price < before;
  return (
    <p className="small">
      <span className={cheaper ? "tag tag-good" : "tag tag-busy"}>
        {(cheaper ? text.cheaper : text.dearer)(money(before, course.currency))}
      </span>
    </p>
  );
}
