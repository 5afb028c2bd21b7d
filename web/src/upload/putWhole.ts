import { put } from "./transport";

/** Where a file is sent, as the API's tickets have it. */
interface Ticket {
  upload_url: string;
  headers: Record<string, string>;
}

/** Sends a whole file to where its ticket says, telling the percent that are sent. */
export async function putWhole(ticket: Ticket, file: Blob, onPercent: (percent: number) => void): Promise<void> {
  await put({
    url: ticket.upload_url,
    headers: ticket.headers,
    body: file,
    signal: new AbortController().signal,
    onProgress: (sent) => onPercent(Math.round((sent / file.size) * 100)),
  });
}
