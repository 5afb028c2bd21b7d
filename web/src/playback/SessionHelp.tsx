import { useMutation, useQuery } from "@tanstack/react-query";

import { api, call, type Schemas } from "../api/client";
import type { ApiError } from "../api/errors";
import { sessions as sessionsQuery } from "../api/queries";
import { moment } from "../lib/format";
import { t } from "../text";
import { deviceId } from "./device";

/** Where the account watches, when that is what keeps this video from playing: each can be ended here. */
export function SessionHelp({ error, onFreed }: { error: ApiError; onFreed: () => void }) {
  const full = error.code === "concurrency_limit_exceeded" || error.code === "device_limit_exceeded";
  // Asked anew: what an earlier visit saw is why it was refused, or not any more.
  const sessions = useQuery({ ...sessionsQuery, enabled: full, staleTime: 0 });
  const end = useMutation({
    mutationFn: (id: string) => call(api.DELETE("/api/v1/media/sessions/{id}", { params: { path: { id } } })),
    onSuccess: onFreed,
  });
  if (!full || sessions.data === undefined) return null;
  return (
    <ul className="plain stack">
      {sessions.data.results.map((session) => (
        <li key={session.id} className="row">
          <span>
            {deviceName(session)}, {t.devices.since(moment(session.started_at))}
          </span>
          <button
            type="button"
            className="button small-button"
            disabled={end.isPending}
            onClick={() => end.mutate(session.id)}
            aria-label={t.devices.endLabel(deviceName(session))}
          >
            {t.player.endOther}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A name for a device: "This device", or what its id says of the browser. */
export function deviceName({ device_id }: Pick<Schemas["LiveSessionView"], "device_id">): string {
  if (device_id === deviceId()) return t.devices.thisDevice;
  const [kind, browser, id] = device_id.split(":");
  if (kind !== "web" || browser === undefined || id === undefined) return t.devices.unknown;
  return `${browser.charAt(0).toUpperCase()}${browser.slice(1)} (${id.slice(0, 6)})`;
}
