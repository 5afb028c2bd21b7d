import type { Permission, PermissionChanges } from "../api/teaching";

/** What may be chosen for a student or for many, as a form holds it; empty means: leave it as it is. */
export interface PermissionForm {
  rule: "" | "free" | "once" | "blocked";
  /** `video`: as the video's policy says. */
  seek: "" | "video" | "yes" | "no";
  /** `none`: the speed can't be changed; else the highest speed, such as `1.5`. */
  speed: string;
  watermark: "" | "video" | "yes" | "no";
}

/** For many students, who may have different ones: nothing is chosen. */
export const UNTOUCHED: PermissionForm = { rule: "", seek: "", speed: "", watermark: "" };

const overrideOf = (value: boolean | null | undefined) => (value == null ? "video" : value ? "yes" : "no");

/** What is set for one student; who has nothing of his own watches freely, by the video's policy. */
export function formOf(permission: Permission | null): PermissionForm {
  if (permission === null) return { rule: "free", seek: "video", speed: "video", watermark: "video" };
  const { max_speed_override: speed } = permission;
  return {
    rule: permission.rule,
    // A block wins over whatever else is said.
    seek: permission.block_seek ? "no" : overrideOf(permission.allow_skip_override),
    speed: permission.block_speed_control ? "none" : speed == null ? "video" : String(speed),
    watermark: overrideOf(permission.show_watermark_override),
  };
}

const override = (choice: "video" | "yes" | "no") => (choice === "video" ? null : choice === "yes");

/** What to send so that `initial` becomes `form`; `null` where nothing changes. */
export function changesOf(initial: PermissionForm, form: PermissionForm): PermissionChanges | null {
  const { rule, seek, speed, watermark } = form;
  const changed = (name: keyof PermissionForm) => form[name] !== "" && form[name] !== initial[name];
  const changes: PermissionChanges = {};
  if (rule !== "" && changed("rule")) changes.rule = rule;
  if (seek !== "" && changed("seek")) {
    changes.allow_skip_override = override(seek);
    changes.block_seek = false;
  }
  if (changed("speed")) {
    changes.block_speed_control = speed === "none";
    changes.max_speed_override = speed === "none" || speed === "video" ? null : Number(speed);
  }
  if (watermark !== "" && changed("watermark")) changes.show_watermark_override = override(watermark);
  return Object.keys(changes).length === 0 ? null : changes;
}
