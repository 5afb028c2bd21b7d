import { NavLink, Outlet } from "react-router";

import { t } from "../text";

const PAGES = [
  ["/account", t.account.profile.title],
  ["/account/orders", t.orders.title],
  ["/account/wishlist", t.shop.wishlist.title],
  ["/account/subscription", t.billing.title],
  ["/account/notifications", t.account.notifications.title],
  ["/account/security", t.account.security.title],
  ["/account/sessions", t.account.sessions.title],
  ["/account/activity", t.account.events.title],
  ["/account/watching", t.devices.title],
  ["/account/api-keys", t.account.keys.title],
  ["/account/privacy", t.account.privacy.title],
] as const;

/** What surrounds the pages of somebody's own account. */
export function AccountLayout() {
  return (
    <div className="account">
      <nav className="account-menu" aria-label={t.account.menu}>
        <ul className="plain">
          {PAGES.map(([path, title]) => (
            <li key={path}>
              <NavLink to={path} end={path === "/account"}>
                {title}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </div>
  );
}
