import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import {
  type Notification,
  NOTIFICATIONS,
  notifications,
  readThese,
  readUntil,
  unreadCount,
} from "../api/notifications";
import { useChange } from "../api/useChange";
import { moment } from "../lib/format";
import { t } from "../text";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { NotificationPreferences } from "./NotificationPreferences";

const text = t.account.notifications;

/** What somebody was told, and how he wants to be told. */
export function NotificationsPage() {
  return (
    <Page title={text.title} lead={text.lead}>
      <Told />
      <NotificationPreferences />
    </Page>
  );
}

/** The list. Which part of it is in the page's address. */
function Told() {
  const [search] = useSearchParams();
  const onlyUnread = search.has("unread");
  const list = useInfiniteQuery(notifications(onlyUnread));
  const unread = useQuery(unreadCount);
  const read = useChange(readThese, NOTIFICATIONS);
  const readAll = useChange(readUntil, NOTIFICATIONS);
  const items = list.data?.pages.flatMap((page) => page.results) ?? [];
  const [newest] = items;
  return (
    <section className="stack" aria-labelledby="told">
      <div className="row">
        <h2 id="told" className="lesson-title">
          {text.told}
        </h2>
        {newest !== undefined && (unread.data ?? 0) > 0 && (
          <button
            type="button"
            className="button"
            disabled={readAll.isPending}
            onClick={() => readAll.mutate(newest.created_at)}
          >
            {text.readAll}
          </button>
        )}
      </div>
      <div className="row">
        <nav className="row-tight" aria-label={text.filter}>
          <Link className="chip" to="?" aria-current={onlyUnread ? undefined : "true"} replace>
            {text.all}
          </Link>
          <Link className="chip" to="?unread" aria-current={onlyUnread ? "true" : undefined} replace>
            {text.onlyUnread}
          </Link>
        </nav>
        <p className="small muted" role="status">
          {unread.data !== undefined && text.unread(unread.data)}
        </p>
      </div>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      <ErrorNotice error={read.error ?? readAll.error} />
      {list.isPending && <Loading />}
      {list.isSuccess && items.length === 0 && <p className="empty">{onlyUnread ? text.noneUnread : text.none}</p>}
      {items.length > 0 && (
        <ul className="plain card rows" aria-label={text.told}>
          {items.map((one) => (
            <Row key={one.id} one={one} busy={read.isPending} onRead={() => read.mutate([one.id])} />
          ))}
        </ul>
      )}
      <MoreButton {...list} />
    </section>
  );
}

/** One of them. Who follows it has read it. */
function Row({ one, busy, onRead }: { one: Notification; busy: boolean; onRead: () => void }) {
  const isNew = one.read_at == null;
  return (
    <li className={isNew ? "told told-new" : "told"}>
      <h3>
        <Link to={one.link} onClick={() => isNew && onRead()}>
          {one.title}
        </Link>{" "}
        {isNew && <span className="tag tag-busy">{text.new}</span>}
      </h3>
      <p>{one.text}</p>
      <div className="row small muted">
        <time dateTime={one.created_at}>{moment(one.created_at)}</time>
        {isNew && (
          <button
            type="button"
            className="button quiet small-button"
            aria-label={text.readLabel(one.title)}
            disabled={busy}
            onClick={() => onRead()}
          >
            {text.read}
          </button>
        )}
      </div>
    </li>
  );
}
