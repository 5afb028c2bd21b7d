import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { putWhole } from "./putWhole";
import { lookUntil } from "./wait";

/** Kinds of pictures that the API takes. */
export const PICTURE_KINDS = ["image/jpeg", "image/png", "image/webp"] as const;
/** Largest picture, in bytes, as the API has it. */
const MAX_BYTES = 5 * 1024 * 1024;
/** When is looked whether a picture is shown: each second, 30 times. */
const WAITS = Array<number>(30).fill(1_000);

/** What is told of a picture that is not sent, or not shown in time. */
export interface PictureTexts {
  pictureKind: string;
  pictureEmpty: string;
  pictureTooLarge: string;
  pictureLate: string;
}

/** The refusal of a picture. */
const refusePicture = (message: string) => ApiError.refusal("PICTURE", message);

/** The kind of a picture; what can be told to be none is not sent. */
export function pictureKind({ size, type }: File, text: PictureTexts): (typeof PICTURE_KINDS)[number] {
  const kind = PICTURE_KINDS.find((known) => known === type);
  if (kind === undefined) throw refusePicture(text.pictureKind);
  if (size === 0) throw refusePicture(text.pictureEmpty);
  if (size > MAX_BYTES) throw refusePicture(text.pictureTooLarge);
  return kind;
}

/** Looks again and again whether an uploaded picture was decided. */
export async function untilDecided(look: () => Promise<boolean>, text: PictureTexts): Promise<void> {
  const decided = await lookUntil(async () => ((await look()) ? true : null), WAITS);
  if (decided === null) throw refusePicture(text.pictureLate);
}

/** How a picture of something is uploaded: its ticket, what became of it, and who is told how far it is. */
export interface PictureUpload {
  begin: (body: Schemas["UploadPicture"]) => Promise<Schemas["PictureTicket"]>;
  state: () => Promise<Schemas["ThumbnailState"]>;
  onPercent: (percent: number) => void;
}

/** Sends a picture of a course or a video, and waits until it is shown or refused. */
export async function sendPicture(file: File, upload: PictureUpload, text: PictureTexts): Promise<void> {
  const content_type = pictureKind(file, text);
  upload.onPercent(0);
  const ticket = await upload.begin({ content_type, size: file.size });
  await putWhole(ticket, file, upload.onPercent);
  upload.onPercent(100);
  await untilDecided(async () => {
    const state = await upload.state();
    if (state.picture_id !== ticket.picture_id) return false;
    if (state.error != null) throw refusePicture(state.error);
    return true;
  }, text);
}
