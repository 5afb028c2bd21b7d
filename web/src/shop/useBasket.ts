import { useQuery } from "@tanstack/react-query";

import type { Schemas } from "../api/client";
import { basket, cart } from "../api/commerce";
import { useChange } from "../api/useChange";
import { useAuth } from "../auth/useAuth";

/** What the API says of a course for the caller. */
export type Marks = Pick<Schemas["CourseListItem"], "id" | "in_cart" | "in_wishlist">;

/** The caller's cart, wherever a page shows something of it. Its own changes are seen at once, those on other devices in a minute. */
export function useCart() {
  const { signedIn } = useAuth();
  return useQuery({ ...cart, enabled: signedIn, staleTime: 60_000 });
}

/** Whether a course is in the caller's cart, and the way in. */
export function useInCart(course: Marks) {
  const { data } = useCart();
  const add = useChange(() => basket.add(course.id), cart.queryKey, ["wishlist"]);
  const inCart = data === undefined ? course.in_cart : data.items.some((item) => item.course.id === course.id);
  return { inCart, add };
}

/** Whether a course is on the caller's wish list, and the change of that. */
export function useWish(course: Marks) {
  const change = useChange(
    (wished: boolean) => (wished ? basket.wish(course.id) : basket.unwish(course.id)),
    ["wishlist"],
    ["courses"],
    ["course"],
  );
  // What was done here is newer than what the page was told.
  const wished = change.isSuccess ? change.variables : course.in_wishlist;
  return { wished, change };
}
