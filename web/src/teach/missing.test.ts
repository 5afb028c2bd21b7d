import { expect, test } from "vitest";

import { ApiError } from "../api/errors";
import { missingOf } from "./missing";

const error = (code: string, details: unknown) => new ApiError({ code, status: 422, message: "", details });

test("what a course lacks is read from the details of PUBLISH_BLOCKED", () => {
  const missing = [
    { what: "PRICE", message: "Set a price." },
    { what: "VIDEO", lesson_id: "l", message: "Give it a video." },
  ];
  expect(missingOf(error("PUBLISH_BLOCKED", { missing }))).toEqual(missing);
});

test("any other error is not taken for a list", () => {
  expect(missingOf(error("COURSE_BUSY", { missing: [] }))).toBeNull();
  expect(missingOf(error("PUBLISH_BLOCKED", {}))).toBeNull();
  expect(missingOf(new TypeError("Failed to fetch"))).toBeNull();
});
