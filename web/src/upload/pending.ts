import type { UploadRecord } from "./task";

const KEY = "learnflow.uploads";

/** The uploads that were begun in this browser and are not done: they can be continued after a reload. */
export const pending = {
  /** All of them; none where the storage is off or holds nonsense. */
  all(): UploadRecord[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isRecord) : [];
    } catch {
      return [];
    }
  },

  /** Keeps a new one, or a new state of one. */
  save(record: UploadRecord): void {
    write([...pending.all().filter(({ key }) => key !== record.key), record]);
  },

  /** Forgets one. */
  forget(key: string): void {
    write(pending.all().filter((record) => record.key !== key));
  },

  /** Forgets all, as the next user of this browser must not find them. */
  clear(): void {
    write([]);
  },
};

function write(records: UploadRecord[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(records));
  } catch {
    // Without storage an upload lasts as long as the page.
  }
}

function isRecord(value: unknown): value is UploadRecord {
  const record = value as Partial<UploadRecord> | null;
  return (
    typeof record?.key === "string" &&
    typeof record.fingerprint === "string" &&
    typeof record.request?.size === "number"
  );
}
