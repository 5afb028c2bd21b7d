import { useQuery } from "@tanstack/react-query";
import { NavLink } from "react-router";

import { unreadCount } from "../api/notifications";
import { t } from "../text";
import { Icon } from "../ui/Icon";

const text = t.account.notifications;

/** Beyond this many the number is of no use. */
const MOST = 99;

/** The way to what somebody was told, with the number of what he has not read. */
export function NotificationsLink() {
  const { data: unread = 0 } = useQuery(unreadCount);
  return (
    <NavLink to="/account/notifications" className="nav-icon" aria-label={text.navLabel(unread)} title={text.title}>
      <Icon name="bell" />
      {unread > 0 && <span className="nav-count">{unread > MOST ? `${MOST}+` : unread}</span>}
    </NavLink>
  );
}
