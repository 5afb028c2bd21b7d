/** Seed 002's key: devices that a client of the seed has named keep their name. */
const KEY = "device_id_v1";

let volatile: string | null = null;

/** This browser's id, which the platform counts devices by. It identifies a device and nobody on it. */
export function deviceId(): string {
  try {
    const known = localStorage.getItem(KEY);
    if (known !== null) return known;
    const made = `web:${browser()}:${crypto.randomUUID()}`;
    localStorage.setItem(KEY, made);
    return made;
  } catch {
    // Storage is off (private windows of some browsers): one id for as long as the page lives.
    volatile ??= `web:volatile:${crypto.randomUUID()}`;
    return volatile;
  }
}

function browser(): string {
  const agent = navigator.userAgent;
  if (agent.includes("Firefox/")) return "firefox";
  if (agent.includes("Edg/")) return "edge";
  if (agent.includes("Chrome/")) return "chrome";
  return agent.includes("Safari/") ? "safari" : "browser";
}
