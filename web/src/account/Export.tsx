import { api, call, callOrNull, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { bytes, moment } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";

const text = t.account.privacy;

/**
 * All that the platform holds of somebody, as an archive. It is looked for when asked and not by itself: whoever looks has to show
 * that it is him, and a question that nobody caused would be a bad one.
 */
export function Export() {
  const ask = useChange(() => call(api.POST("/api/v1/users/export")));
  const look = useChange(() => callOrNull(api.GET("/api/v1/users/export")));
  const busy = ask.isPending || look.isPending;
  // The one that was pressed last speaks.
  const last = ask.submittedAt > look.submittedAt ? ask : look;
  return (
    <section className="card stack" aria-labelledby="export">
      <h2 id="export">{text.export}</h2>
      <p className="muted">{text.exportLead}</p>
      <ErrorNotice error={last.error} />
      {last.data !== undefined && <State export={last.data} />}
      <div className="row">
        <button type="button" className="button" disabled={busy} onClick={() => look.mutate()}>
          {text.exportLook}
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => ask.mutate()}>
          {text.exportAsk}
        </button>
      </div>
    </section>
  );
}

function State({ export: made }: { export: Schemas["ExportView"] | null }) {
  if (made === null) return <Notice title={text.exportNone} />;
  if (made.status === "expired") return <Notice title={text.exportExpired} />;
  if (made.download == null) return <Notice title={text.exportPending} />;
  return (
    <Notice kind="good">
      <p>{text.exportReady(bytes(made.size_bytes ?? 0), moment(made.available_until ?? made.requested_at))}</p>
      <a className="button" href={made.download.url}>
        {text.exportFetch}
      </a>
    </Notice>
  );
}
