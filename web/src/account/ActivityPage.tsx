import { useInfiniteQuery } from "@tanstack/react-query";

import { securityEvents } from "../api/account";
import type { Schemas } from "../api/client";
import { browserName } from "../lib/browser";
import { moment } from "../lib/format";
import { t } from "../text";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";

const text = t.account.events;

/** What happened to the safety of somebody's account. */
export function ActivityPage() {
  const list = useInfiniteQuery(securityEvents);
  const events = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <Page title={text.title} lead={text.lead}>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {list.isSuccess && events.length === 0 && <p className="empty">{text.empty}</p>}
      {events.length > 0 && (
        <ul className="plain card rows">
          {events.map((event) => (
            <li key={event.id} className="row">
              <div className="lesson-title">
                <strong>{text.kinds[event.kind] ?? event.kind}</strong>
                <p className="small muted">
                  {[about(event.details), event.device_info && browserName(event.device_info), event.ip_address]
                    .filter(Boolean)
                    .join(", ")}
                </p>
              </div>
              <time className="small muted" dateTime={event.at}>
                {moment(event.at)}
              </time>
            </li>
          ))}
        </ul>
      )}
      <MoreButton {...list} />
    </Page>
  );
}

/** What an event was about, in words; numbers by which only programs know a thing are left out. */
function about({ name, provider, ...rest }: Schemas["EventView"]["details"]): string {
  const changes = ["role", "status"].flatMap((what) => {
    const [from, to] = [rest[`${what}_from`], rest[`${what}_to`]];
    return from === undefined || to === undefined ? [] : [text.changed(from, to)];
  });
  return [name, provider, ...changes].filter(Boolean).join(", ");
}
