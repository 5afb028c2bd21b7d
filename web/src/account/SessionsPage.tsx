import { useQuery } from "@tanstack/react-query";

import { devices, logins } from "../api/account";
import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { useLeave } from "../auth/useAuth";
import { browserName } from "../lib/browser";
import { moment } from "../lib/format";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";

const text = t.account.sessions;

/** Where somebody is logged in, and the devices that his account knows. */
export function SessionsPage() {
  return (
    <Page title={text.title} lead={text.lead} actions={<EndAll />}>
      <Sessions />
      <Devices />
    </Page>
  );
}

function EndAll() {
  const leave = useLeave();
  const end = useChange(async () => {
    await call(api.POST("/api/v1/auth/logout-all"));
    leave();
  });
  return (
    <>
      <button
        type="button"
        className="button danger"
        disabled={end.isPending}
        onClick={() => {
          if (window.confirm(text.endAllSure)) end.mutate();
        }}
      >
        {text.endAll}
      </button>
      <ErrorNotice error={end.error} />
    </>
  );
}

function Sessions() {
  const list = useQuery(logins);
  const end = useChange(
    (id: string) => call(api.DELETE("/api/v1/auth/sessions/{id}", { params: { path: { id } } })),
    logins.queryKey,
  );
  return (
    <section className="stack" aria-labelledby="sessions">
      <h2 id="sessions">{text.sessions}</h2>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      <ErrorNotice error={end.error} />
      {end.isSuccess && (
        <Notice kind="good">
          <p>{text.ended}</p>
        </Notice>
      )}
      {list.isPending && <Loading />}
      <ul className="plain stack">
        {list.data?.results.map((session) => {
          const name = browserName(session.device_info);
          return (
            <li key={session.id} className="card row">
              <Icon name="device" />
              <div className="lesson-title">
                <strong>{name}</strong> {session.current && <span className="tag tag-good">{text.current}</span>}
                <p className="small muted">{text.used(moment(session.last_used_at), session.ip_address)}</p>
              </div>
              {!session.current && (
                <button
                  type="button"
                  className="button danger"
                  disabled={end.isPending}
                  aria-label={text.endLabel(name)}
                  onClick={() => end.mutate(session.id)}
                >
                  {text.end}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Devices() {
  const list = useQuery(devices);
  const forget = useChange(
    (id: string) => call(api.DELETE("/api/v1/auth/devices/{id}", { params: { path: { id } } })),
    devices.queryKey,
  );
  return (
    <section className="stack" aria-labelledby="devices">
      <h2 id="devices">{text.devices}</h2>
      <p className="muted">{text.devicesLead}</p>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      <ErrorNotice error={forget.error} />
      {list.isPending && <Loading />}
      {list.data?.results.length === 0 && <p className="muted">{text.noDevices}</p>}
      <ul className="plain stack">
        {list.data?.results.map((device) => {
          const name = browserName(device.device_info);
          return (
            <li key={device.id} className="card row">
              <Icon name="device" />
              <div className="lesson-title">
                <strong>{name}</strong>{" "}
                {device.trusted_until != null && (
                  <span className="tag">{text.trusted(moment(device.trusted_until))}</span>
                )}
                <p className="small muted">{text.used(moment(device.last_used_at), device.ip_address)}</p>
              </div>
              <button
                type="button"
                className="button"
                disabled={forget.isPending}
                aria-label={text.forgetLabel(name)}
                onClick={() => forget.mutate(device.id)}
              >
                {text.forget}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
