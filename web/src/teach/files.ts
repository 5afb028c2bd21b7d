import { ApiError } from "../api/errors";
import { t } from "../text";

/** Largest file of a lesson, in bytes, as the API has it. */
const MAX_BYTES = 100 * 1024 * 1024;

const OFFICE = "application/vnd.openxmlformats-officedocument";
const OPEN = "application/vnd.oasis.opendocument";

/** The types that the API takes, by the endings of their files. What browsers say of a file is no help for some of them. */
const TYPES: Partial<Record<string, string>> = {
  pdf: "application/pdf",
  zip: "application/zip",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  doc: "application/msword",
  xls: "application/vnd.ms-excel",
  ppt: "application/vnd.ms-powerpoint",
  docx: `${OFFICE}.wordprocessingml.document`,
  xlsx: `${OFFICE}.spreadsheetml.sheet`,
  pptx: `${OFFICE}.presentationml.presentation`,
  odt: `${OPEN}.text`,
  ods: `${OPEN}.spreadsheet`,
  odp: `${OPEN}.presentation`,
  hwp: "application/x-hwp",
  txt: "text/plain",
  csv: "text/csv",
  md: "text/markdown",
};

/** What a file chooser offers. */
export const ACCEPTED = Object.keys(TYPES).map((ending) => `.${ending}`).join(",");

/** The type of a file, and its name without the ending; what the API would refuse is not sent. */
export function described({ name, size }: File): { content_type: string; title: string } {
  const refuse = (message: string) => ApiError.refusal("FILE", message);
  const dot = name.lastIndexOf(".");
  const content_type = TYPES[name.slice(dot + 1).toLowerCase()];
  if (content_type === undefined || dot < 1) throw refuse(t.editor.fileKind);
  if (size === 0) throw refuse(t.editor.fileEmpty);
  if (size > MAX_BYTES) throw refuse(t.editor.fileTooLarge);
  return { content_type, title: name.slice(0, dot) };
}
