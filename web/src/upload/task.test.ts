import { describe, expect, test, vi } from "vitest";

import { ApiError } from "../api/errors";
import { deferred } from "../testing/deferred";
import { newUpload, type UploadRecord, UploadTask } from "./task";
import type { Put, Transport } from "./transport";

const PART = 10;

/** A platform with its storage: keeps parts, and joins them only if none is missing. */
function platform({ size = 95, multipart = true } = {}) {
  const count = multipart ? Math.ceil(size / PART) : 0;
  const parts = new Map<number, Blob>();
  const state = { status: "OPEN" as "OPEN" | "COMPLETED" | "ABORTED", issued: 0, begun: 0, whole: null as Blob | null };
  const url = (number: number) => `https://storage/${number}?issue=${++state.issued}`;
  const begun = new Map<string, string>();
  const common = {
    version: 1,
    mode: multipart ? ("multipart" as const) : ("single" as const),
    file_key: "k",
    part_size: multipart ? PART : 0,
    part_count: count,
  };
  const times = { expires_at: "", upload_expires_at: "", created_at: "" };
  const transport = {
    begin: vi.fn<Transport["begin"]>((_, key) => {
      if (!begun.has(key)) begun.set(key, `upload-${++state.begun}`);
      return Promise.resolve({
        ...common,
        ...times,
        upload_id: begun.get(key) ?? "",
        video_id: "video-1",
        upload_url: multipart ? null : url(0),
        headers: { "content-type": "video/mp4" },
        // Fewer than there are, as for a large file.
        parts: Array.from({ length: Math.min(count, 4) }, (_part, i) => ({
          number: i + 1,
          size: PART,
          url: url(i + 1),
        })),
      });
    }),
    look: vi.fn<Transport["look"]>((upload_id) => {
      const held = [...parts].map(([number, blob]) => ({ number, size: blob.size }));
      return Promise.resolve({
        ...common,
        ...times,
        upload_id,
        video_id: "video-1",
        status: state.status,
        filename: "a.mp4",
        content_type: "video/mp4",
        size,
        uploaded: held.reduce((sum, part) => sum + part.size, 0),
        parts: held,
        upload_url: multipart ? null : url(0),
        headers: {},
      });
    }),
    urls: vi.fn<Transport["urls"]>((_, numbers) =>
      Promise.resolve(numbers.map((number) => ({ number, size: PART, url: url(number) }))),
    ),
    complete: vi.fn<Transport["complete"]>(() => {
      const missing = multipart ? parts.size < count : state.whole === null;
      if (missing)
        return Promise.reject(new ApiError({ code: "PARTS_MISSING", status: 409, message: "parts are missing" }));
      state.status = "COMPLETED";
      return Promise.resolve();
    }),
    abort: vi.fn<Transport["abort"]>(() => {
      state.status = "ABORTED";
      return Promise.resolve();
    }),
    put: vi.fn<Transport["put"]>(async ({ url: target, body, signal, onProgress }: Put) => {
      await Promise.resolve();
      signal.throwIfAborted();
      const { pathname } = new URL(target);
      onProgress(body.size);
      if (multipart) parts.set(Number(pathname.slice(1)), body);
      else state.whole = body;
    }),
  } satisfies Transport;
  const joined = async () => new Blob([...parts].sort(([a], [b]) => a - b).map(([, blob]) => blob)).text();
  return { transport, parts, state, joined };
}

const CONTENT = Array.from({ length: 95 }, (_, i) => String.fromCharCode(33 + (i % 90))).join("");
const file = new File([CONTENT], "a.mp4", { type: "video/mp4" });

function task(transport: Transport, record: Partial<UploadRecord> = {}) {
  const save = vi.fn<(record: UploadRecord) => void>();
  const sleep = vi.fn(() => Promise.resolve());
  const request = newUpload(file, "A lesson", { kind: "lesson", id: "lesson-1" });
  const upload = new UploadTask(
    { key: "key-1", request, fingerprint: "f", uploadId: null, videoId: null, returnTo: "/teach", ...record },
    { transport, sleep, save },
  );
  const phases: string[] = [];
  upload.subscribe(() => {
    if (phases.at(-1) !== upload.state.phase) phases.push(upload.state.phase);
  });
  return { upload, save, sleep, phases };
}

describe("UploadTask", () => {
  test("sends every part once, in its place, and completes", async () => {
    const { transport, joined, state } = platform();
    const { upload, save, phases } = task(transport);
    await upload.start(file);
    expect(phases).toEqual(["preparing", "uploading", "completing", "done"]);
    expect(await joined()).toBe(CONTENT);
    expect(transport.put).toHaveBeenCalledTimes(10);
    expect(state.status).toBe("COMPLETED");
    expect(upload.state.sent).toBe(95);
    // Kept before the first byte is sent, or a reload would lose it.
    expect(save).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ uploadId: "upload-1", videoId: "video-1" }));
  });

  test("sends a small file in one PUT with the signed headers", async () => {
    const { transport, state } = platform({ multipart: false });
    const { upload } = task(transport);
    await upload.start(file);
    expect(transport.put).toHaveBeenCalledOnce();
    expect(transport.put.mock.calls[0]?.[0].headers).toEqual({ "content-type": "video/mp4" });
    expect(await state.whole?.text()).toBe(CONTENT);
  });

  test("after a pause sends what is missing and nothing else", async () => {
    const { transport, joined } = platform();
    const hold = deferred<undefined>();
    const real = transport.put.getMockImplementation();
    transport.put.mockImplementation(async (put) => {
      if (transport.put.mock.calls.length > 5) await hold.promise;
      await real?.(put);
    });
    const { upload } = task(transport);
    const first = upload.start(file);
    await vi.waitFor(() => expect(transport.put.mock.calls.length).toBeGreaterThan(5));
    upload.pause();
    hold.resolve(undefined);
    await first;
    expect(upload.state).toMatchObject({ phase: "paused", sent: 50 });
    const arrived = new Set(await transport.look("upload-1").then((view) => view.parts.map((part) => part.number)));
    expect(arrived.size).toBe(5);
    transport.put.mockClear();
    await upload.start(file);
    expect(upload.state.phase).toBe("done");
    const sent = transport.put.mock.calls.map(([put]) => Number(new URL(put.url).pathname.slice(1)));
    expect(sent.filter((number) => arrived.has(number))).toEqual([]);
    expect(sent).toHaveLength(5);
    expect(await joined()).toBe(CONTENT);
  });

  test("after a reload goes on with the same upload", async () => {
    const { transport, parts, joined } = platform();
    for (const number of [1, 2, 5]) parts.set(number, file.slice((number - 1) * PART, number * PART));
    const { upload } = task(transport, { uploadId: "upload-1", videoId: "video-1" });
    expect(upload.state.phase).toBe("detached");
    await upload.start(file);
    expect(transport.begin).not.toHaveBeenCalled();
    expect(transport.put).toHaveBeenCalledTimes(7);
    expect(await joined()).toBe(CONTENT);
  });

  test("after a reload finds that the file had arrived", async () => {
    const { transport, state } = platform();
    state.status = "COMPLETED";
    const { upload } = task(transport, { uploadId: "upload-1" });
    await upload.start(file);
    expect(upload.state.phase).toBe("done");
    expect(transport.put).not.toHaveBeenCalled();
  });

  test("a begin whose answer was lost is repeated under the same key and begins nothing twice", async () => {
    const { transport, state } = platform();
    const real = transport.begin.getMockImplementation();
    transport.begin.mockImplementationOnce(async (request, key) => {
      await real?.(request, key);
      throw new TypeError("Failed to fetch");
    });
    const { upload } = task(transport);
    await upload.start(file);
    expect(upload.state).toMatchObject({ phase: "failed", error: { code: "NETWORK" } });
    await upload.start(file);
    expect(upload.state.phase).toBe("done");
    expect(state.begun).toBe(1);
  });

  test("a part that fails is sent again after a pause that grows", async () => {
    const { transport, joined } = platform();
    for (let i = 0; i < 3; i++) transport.put.mockRejectedValueOnce(ApiError.network(null));
    const { upload, sleep } = task(transport);
    await upload.start(file);
    expect(upload.state.phase).toBe("done");
    expect(sleep).toHaveBeenCalledTimes(3);
    expect(await joined()).toBe(CONTENT);
  });

  test("a URL that has ended is asked for anew", async () => {
    // The URLs that came with the begin are dead by the time they are used.
    const { transport, state, joined } = platform();
    const real = transport.put.getMockImplementation();
    transport.put.mockImplementation(async (put) => {
      if (Number(new URL(put.url).searchParams.get("issue")) <= 4)
        throw new ApiError({ code: "STORAGE_403", status: 403, message: "expired" });
      await real?.(put);
    });
    const { upload } = task(transport);
    await upload.start(file);
    expect(upload.state.phase).toBe("done");
    expect(transport.urls).toHaveBeenCalled();
    expect(state.status).toBe("COMPLETED");
    expect(await joined()).toBe(CONTENT);
  });

  test("gives up after some attempts, says why, and can be started again", async () => {
    const { transport } = platform();
    const real = transport.put.getMockImplementation();
    transport.put.mockRejectedValue(ApiError.network(null));
    const { upload } = task(transport);
    await upload.start(file);
    expect(upload.state).toMatchObject({ phase: "failed", error: { code: "NETWORK" }, speed: null });
    if (real !== undefined) transport.put.mockImplementation(real);
    await upload.start(file);
    expect(upload.state.phase).toBe("done");
  });

  test("what the storage refuses for good is not tried again", async () => {
    const { transport } = platform({ multipart: false });
    transport.put.mockRejectedValue(new ApiError({ code: "STORAGE_400", status: 400, message: "bad" }));
    const { upload, sleep } = task(transport);
    await upload.start(file);
    expect(upload.state.phase).toBe("failed");
    expect(sleep).not.toHaveBeenCalled();
  });

  test("a cancel stops the parts and tells the platform", async () => {
    const { transport, state } = platform();
    transport.put.mockImplementation(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")))),
    );
    const { upload } = task(transport);
    const run = upload.start(file);
    await vi.waitFor(() => expect(transport.put).toHaveBeenCalledTimes(3));
    await upload.abort();
    await run;
    expect(upload.state.phase).toBe("aborted");
    expect(state.status).toBe("ABORTED");
  });

  test("a cancel before the begin was answered leaves nothing behind", async () => {
    const { transport, state } = platform();
    const hold = deferred<undefined>();
    const real = transport.begin.getMockImplementation();
    transport.begin.mockImplementation(async (request, key) => {
      await hold.promise;
      return (await real?.(request, key)) ?? Promise.reject(new Error("no ticket"));
    });
    const { upload } = task(transport);
    const run = upload.start(file);
    await upload.abort();
    hold.resolve(undefined);
    await run;
    expect(state.status).toBe("ABORTED");
    expect(transport.put).not.toHaveBeenCalled();
  });

  test("progress never exceeds the file and counts a repeated part once", async () => {
    const { transport } = platform();
    const real = transport.put.getMockImplementation();
    let failures = 0;
    transport.put.mockImplementation(async (put) => {
      put.onProgress(put.body.size);
      if (failures++ < 4) throw ApiError.network(null);
      await real?.(put);
    });
    const { upload } = task(transport);
    const shown: number[] = [];
    upload.subscribe(() => shown.push(upload.state.sent));
    await upload.start(file);
    expect(Math.max(...shown)).toBe(95);
  });
});
