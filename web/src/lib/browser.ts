import { t } from "../text";

/** Browsers by what they write in their user agent; what others write too comes last. */
const BROWSERS = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["SamsungBrowser/", "Samsung Internet"],
  ["Firefox/", "Firefox"],
  ["FxiOS/", "Firefox"],
  ["CriOS/", "Chrome"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
] as const;

const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS X", "macOS"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
] as const;

/** A user agent in words people know: "Firefox, Windows". What is no browser is shown as it names itself. */
export function browserName(agent: string): string {
  const find = (known: readonly (readonly [string, string])[]) => known.find(([mark]) => agent.includes(mark))?.[1];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  if (browser === undefined) return agent.trim().slice(0, 60) || t.account.sessions.unknown;
  return system === undefined ? browser : `${browser}, ${system}`;
}

/** Has the browser save what is at this address. Without a name it must come as an attachment, which leaves this page open. */
export function save(address: string, name?: string): void {
  const link = document.createElement("a");
  link.href = address;
  if (name !== undefined) link.download = name;
  link.rel = "noopener";
  link.click();
}

/** How long the browser may take to begin saving. */
const SAVING_MS = 60_000;

/** Has the browser save what was fetched: a plain link would come without the session. */
export function saveBlob(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  save(address, name);
  setTimeout(() => URL.revokeObjectURL(address), SAVING_MS);
}
