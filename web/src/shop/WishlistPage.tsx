import { useInfiniteQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Link } from "react-router";

import { basket, cart, type Wish, wishlist } from "../api/commerce";
import { useChange } from "../api/useChange";
import { moment } from "../lib/format";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { LinePrice, PriceChange } from "./CartLine";

const text = t.shop.wishlist;

/** Courses that somebody would like to have. */
export function WishlistPage() {
  const list = useInfiniteQuery(wishlist);
  const wishes = list.data?.pages.flatMap((page) => page.results) ?? [];
  const start = useRef<HTMLDivElement>(null);
  return (
    <Page title={text.title} lead={text.lead}>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      <div ref={start} tabIndex={-1}>
        {list.isSuccess && wishes.length === 0 && (
          <div className="empty">
            <h2>{text.empty}</h2>
            <Link className="button primary" to="/">
              {t.shop.cart.find}
            </Link>
          </div>
        )}
        <ul className="plain stack">
          {wishes.map((wish) => (
            <WishLine key={wish.course.id} wish={wish} onGone={() => start.current?.focus()} />
          ))}
        </ul>
      </div>
      <MoreButton {...list} />
    </Page>
  );
}

function WishLine({ wish, onGone }: { wish: Wish; onGone: () => void }) {
  const { course } = wish;
  const outdated = [["wishlist"], cart.queryKey, ["courses"], ["course"]];
  const leave = (change: (course: string) => Promise<unknown>) => async () => {
    await change(course.id);
    onGone();
  };
  const move = useChange(leave(basket.move), ...outdated);
  const remove = useChange(leave(basket.unwish), ...outdated);
  const busy = move.isPending || remove.isPending;
  const forSale = wish.available && !wish.enrolled && course.price !== 0;
  return (
    <li className="card shop-line">
      <Cover title={course.title} picture={course.thumbnail} />
      <div className="shop-line-body">
        <h2 className="shop-line-title">
          {course.slug == null ? course.title : <Link to={`/courses/${course.slug}`}>{course.title}</Link>}
        </h2>
        <p className="row-tight small muted">
          {text.added(moment(wish.added_at))}
          {!wish.available && <span className="tag tag-bad">{text.notForSale}</span>}
          {wish.enrolled && <span className="tag tag-good">{t.catalogue.enrolled}</span>}
        </p>
        {wish.price_changed && <PriceChange course={course} before={wish.price_at_adding} />}
        <div className="row">
          {forSale &&
            (wish.in_cart ? (
              <Link className="button small-button" to="/cart">
                {t.shop.inCart}
              </Link>
            ) : (
              <button
                type="button"
                className="button small-button"
                aria-label={text.moveLabel(course.title)}
                disabled={busy}
                onClick={() => move.mutate()}
              >
                {text.move}
              </button>
            ))}
          <button
            type="button"
            className="button quiet small-button"
            aria-label={text.removeLabel(course.title)}
            disabled={busy}
            onClick={() => remove.mutate()}
          >
            {text.remove}
          </button>
        </div>
        <ErrorNotice error={move.error ?? remove.error} />
      </div>
      {wish.available && <LinePrice course={course} />}
    </li>
  );
}
