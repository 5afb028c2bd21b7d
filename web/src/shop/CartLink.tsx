import { NavLink } from "react-router";

import { t } from "../text";
import { useCart } from "./useBasket";

/** The way to the cart, with the number of its courses. */
export function CartLink() {
  const { data } = useCart();
  const n = data?.items.length ?? 0;
  return (
    <NavLink to="/cart" aria-label={t.shop.cart.navLabel(n)}>
      {t.shop.cart.nav}
      {n > 0 && <span className="nav-count">{n}</span>}
    </NavLink>
  );
}
