import { expect, test } from "vitest";

import type { Permission, PermissionChanges } from "../api/teaching";
import { changesOf, formOf, type PermissionForm, UNTOUCHED } from "./permission";

const NOTHING: Permission = {
  id: "v_e",
  video: "v",
  enrollment: "e",
  student_name: "Ada",
  rule: "free",
  allow_skip_override: null,
  max_speed_override: null,
  show_watermark_override: null,
  block_seek: false,
  block_speed_control: false,
  is_override: true,
  created_at: "2026-11-01T10:00:00Z",
  updated_at: "2026-11-01T10:00:00Z",
};

test.each<[Partial<Permission>, Partial<PermissionForm>]>([
  [{}, {}],
  [{ rule: "once" }, { rule: "once" }],
  [{ allow_skip_override: true }, { seek: "yes" }],
  [{ allow_skip_override: false }, { seek: "no" }],
  [{ allow_skip_override: true, block_seek: true }, { seek: "no" }],
  [{ max_speed_override: 1.5 }, { speed: "1.5" }],
  [{ max_speed_override: 1.5, block_speed_control: true }, { speed: "none" }],
  [{ show_watermark_override: false }, { watermark: "no" }],
])("what is set, %o, is shown", (permission, form) => {
  expect(formOf({ ...NOTHING, ...permission })).toEqual({ ...formOf(null), ...form });
});

test.each<[Partial<PermissionForm>, PermissionChanges]>([
  [{ rule: "blocked" }, { rule: "blocked" }],
  [{ seek: "yes" }, { allow_skip_override: true, block_seek: false }],
  [{ seek: "no" }, { allow_skip_override: false, block_seek: false }],
  [{ speed: "1.25" }, { max_speed_override: 1.25, block_speed_control: false }],
  [{ speed: "none" }, { max_speed_override: null, block_speed_control: true }],
  [{ watermark: "yes" }, { show_watermark_override: true }],
])("only what was chosen is sent: %o", (form, changes) => {
  expect(changesOf(formOf(null), { ...formOf(null), ...form })).toEqual(changes);
  expect(changesOf(UNTOUCHED, { ...UNTOUCHED, ...form })).toEqual(changes);
});

test("back to what the video says", () => {
  const own = formOf({ ...NOTHING, allow_skip_override: true, max_speed_override: 2, show_watermark_override: true });
  expect(changesOf(own, formOf(null))).toEqual({
    allow_skip_override: null,
    block_seek: false,
    max_speed_override: null,
    block_speed_control: false,
    show_watermark_override: null,
  });
});

test("where nothing was chosen nothing is sent", () => {
  expect(changesOf(UNTOUCHED, UNTOUCHED)).toBeNull();
  expect(changesOf(formOf(NOTHING), formOf(null))).toBeNull();
});
