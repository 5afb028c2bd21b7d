import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, call, type Schemas } from "../api/client";
import { sessions as sessionsQuery } from "../api/queries";
import { moment } from "../lib/format";
import { deviceName } from "../playback/SessionHelp";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";

/** Where the account watches now. */
export function DevicesPage() {
  const list = useQuery(sessionsQuery);
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => call(api.DELETE("/api/v1/media/sessions/{id}", { params: { path: { id } } })),
    // Also after a failure: it may have ended by itself meanwhile.
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <Page title={t.devices.title} lead={t.devices.lead}>
      <ErrorNotice error={list.error ?? end.error} onRetry={() => void list.refetch()} />
      {end.isSuccess && (
        <Notice kind="good">
          <p>{t.devices.ended}</p>
        </Notice>
      )}
      {list.isPending && <Loading />}
      {list.data?.results.length === 0 && <p className="empty">{t.devices.empty}</p>}
      <ul className="plain stack">
        {list.data?.results.map((session) => (
          <li key={session.id} className="card row">
            <Icon name="device" />
            <Session session={session} />
            <button
              type="button"
              className="button danger"
              disabled={end.isPending}
              onClick={() => end.mutate(session.id)}
              aria-label={t.devices.endLabel(deviceName(session))}
            >
              {t.devices.end}
            </button>
          </li>
        ))}
      </ul>
    </Page>
  );
}

function Session({ session }: { session: Schemas["LiveSessionView"] }) {
  return (
    <div className="lesson-title">
      <strong>{deviceName(session)}</strong>
      <p className="small muted">{t.devices.since(moment(session.started_at))}</p>
    </div>
  );
}
