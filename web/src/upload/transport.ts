import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";

export type Target = Schemas["Target"];
export type Ticket = Schemas["UploadTicket"];
export type UploadView = Schemas["UploadView"];
export type PartUrl = Schemas["PartUrl"];

/** What is asked for when an upload begins. */
export type NewUpload = Schemas["PresignUpload"];

/** Sends bytes to a presigned URL. */
export interface Put {
  url: string;
  headers: Record<string, string>;
  body: Blob;
  signal: AbortSignal;
  onProgress: (sent: number) => void;
}

/** All that an upload needs from outside; tests give their own. */
export interface Transport {
  begin: (upload: NewUpload, idempotencyKey: string) => Promise<Ticket>;
  look: (uploadId: string) => Promise<UploadView>;
  urls: (uploadId: string, numbers: number[]) => Promise<PartUrl[]>;
  complete: (uploadId: string) => Promise<void>;
  abort: (uploadId: string) => Promise<void>;
  put: (put: Put) => Promise<void>;
}

/** The real one. */
export const transport: Transport = {
  begin: (body, key) =>
    call(api.POST("/api/v1/media/videos/presign", { body, params: { header: { "Idempotency-Key": key } } })),
  look: (upload_id) => call(api.GET("/api/v1/media/videos/uploads/{upload_id}", { params: { path: { upload_id } } })),
  urls: async (upload_id, numbers) => {
    const answer = await call(
      api.POST("/api/v1/media/videos/uploads/{upload_id}/parts", {
        params: { path: { upload_id } },
        body: { numbers },
      }),
    );
    return answer.parts;
  },
  complete: async (upload_id) => {
    await call(api.POST("/api/v1/media/videos/uploads/{upload_id}/complete", { params: { path: { upload_id } } }));
  },
  abort: async (upload_id) => {
    await call(api.DELETE("/api/v1/media/videos/uploads/{upload_id}", { params: { path: { upload_id } } }));
  },
  put,
};

/** Sends bytes, with XMLHttpRequest: `fetch` does not tell how much of a body is sent. */
export function put({ url, headers, body, signal, onProgress }: Put): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (settled: () => void) => {
      signal.removeEventListener("abort", stop);
      settled();
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () =>
      settle(() => (request.status >= 200 && request.status < 300 ? resolve() : reject(storageError(request.status))));
    request.onerror = () => settle(() => reject(ApiError.network(null)));
    request.onabort = () => settle(() => reject(new DOMException("The upload was stopped", "AbortError")));
    if (signal.aborted) return reject(new DOMException("The upload was stopped", "AbortError"));
    signal.addEventListener("abort", stop);
    request.send(body);
  });
}

/** S3 answers XML that is not for users; the status says enough. */
function storageError(status: number): ApiError {
  return new ApiError({ code: `STORAGE_${status}`, status, message: `The storage answered ${status}.` });
}
