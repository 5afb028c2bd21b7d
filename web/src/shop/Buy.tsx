import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";

import type { Schemas } from "../api/client";
import { basket, cart } from "../api/commerce";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { useAuth } from "../auth/useAuth";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";
import { takeFocus } from "../ui/takeFocus";
import { type Marks, useInCart, useWish } from "./useBasket";

const text = t.shop;

/** The ways to buy a course. */
export function Buy({ course }: { course: Marks }) {
  const { inCart, add } = useInCart(course);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const buy = useChange(async () => {
    try {
      await basket.add(course.id);
    } catch (error) {
      if (ApiError.from(error).code !== "ALREADY_IN_CART") throw error;
    }
    await queries.invalidateQueries({ queryKey: cart.queryKey });
    await navigate("/checkout");
  });
  const busy = add.isPending || buy.isPending;
  return (
    <>
      <button type="button" className="button primary" disabled={busy} onClick={() => buy.mutate()}>
        {text.buy}
      </button>
      {inCart ? (
        <Link ref={add.isSuccess ? takeFocus : null} className="button" to="/cart">
          <Icon name="check" />
          {text.toCart}
        </Link>
      ) : (
        <button type="button" className="button" disabled={busy} onClick={() => add.mutate()}>
          {text.add}
        </button>
      )}
      <span className="visually-hidden" role="status">
        {add.isSuccess && inCart ? text.inCart : ""}
      </span>
      <ErrorNotice error={add.error ?? buy.error} />
    </>
  );
}

/** Puts a course on the wish list, or takes it off. */
export function WishButton({ course, title, small = false }: { course: Marks; title: string; small?: boolean }) {
  const { wished, change } = useWish(course);
  return (
    <>
      <button
        type="button"
        className={small ? "button small-button toggle" : "button toggle"}
        aria-pressed={wished}
        aria-label={text.wishLabel(title)}
        disabled={change.isPending}
        onClick={() => change.mutate(!wished)}
      >
        <Icon name={wished ? "heartFull" : "heart"} />
        {!small && text.wish}
      </button>
      <ErrorNotice error={change.error} />
    </>
  );
}

type Listed = Marks & Pick<Schemas["CourseListItem"], "title" | "price" | "enrolled" | "instructor">;

/** What can be done with a course where it is listed. */
export function CardActions({ course }: { course: Listed }) {
  const { signedIn, user } = useAuth();
  if (!signedIn || course.enrolled || user?.id === course.instructor.id) return null;
  return (
    <div className="course-card-actions">
      {typeof course.price === "number" && course.price > 0 && <AddToCart course={course} />}
      <WishButton course={course} title={course.title} small />
    </div>
  );
}

function AddToCart({ course }: { course: Listed }) {
  const { inCart, add } = useInCart(course);
  if (inCart) {
    return (
      <Link ref={add.isSuccess ? takeFocus : null} className="button small-button" to="/cart">
        <Icon name="check" />
        {text.inCart}
      </Link>
    );
  }
  return (
    <>
      <button
        type="button"
        className="button small-button"
        aria-label={text.addLabel(course.title)}
        disabled={add.isPending}
        onClick={() => add.mutate()}
      >
        {text.add}
      </button>
      <ErrorNotice error={add.error} />
    </>
  );
}
