import { beforeEach, expect, test } from "vitest";

import { fingerprint } from "./fingerprint";
import { pending } from "./pending";
import { newUpload, type UploadRecord } from "./task";

const file = new File(["content"], "a.mp4", { type: "video/mp4" });
const record = (key: string, uploadId: string | null = null): UploadRecord => ({
  key,
  request: newUpload(file, "A", { kind: "lesson", id: "l" }),
  fingerprint: "f",
  uploadId,
  videoId: null,
  returnTo: "/teach",
});

beforeEach(() => localStorage.clear());

test("a record is kept in its newest state until it is forgotten", () => {
  pending.save(record("a"));
  pending.save(record("b"));
  pending.save(record("a", "upload-1"));
  expect(pending.all().map(({ key, uploadId }) => [key, uploadId])).toEqual([
    ["b", null],
    ["a", "upload-1"],
  ]);
  pending.forget("b");
  expect(pending.all().map(({ key }) => key)).toEqual(["a"]);
});

test.each(["no JSON", "{}", "null", '[{"key":1}, null, 7]'])("nonsense in the storage is nothing: %s", (text) => {
  localStorage.setItem("learnflow.uploads", text);
  expect(pending.all()).toEqual([]);
});

test("a file is recognised, and another one is told from it", async () => {
  const same = new File(["content"], "renamed.mp4");
  expect(await fingerprint(same)).toBe(await fingerprint(file));
  const large = (at: number) => {
    const bytes = new Uint8Array(1_200_000);
    bytes[at] = 1;
    return new Blob([bytes]);
  };
  const prints = await Promise.all([0, 600_000, 1_199_999].map((at) => fingerprint(large(at))));
  expect(new Set([...prints, await fingerprint(new Blob([new Uint8Array(1_200_001)]))]).size).toBe(4);
});

test("a file without a known type is sent as bytes, and a large one in parts", () => {
  expect(newUpload(new File(["x"], "a.mkv"), "A", { kind: "lesson", id: "l" })).toMatchObject({
    content_type: "application/octet-stream",
  });
  expect(newUpload(file, "A", { kind: "lesson", id: "l" })).not.toHaveProperty("mode");
  const large = Object.defineProperty(new File([], "b.mp4", { type: "video/mp4" }), "size", {
    value: 12 * 1024 * 1024,
  });
  expect(newUpload(large, "A", { kind: "lesson", id: "l" })).toMatchObject({ mode: "multipart", size: 12_582_912 });
});
