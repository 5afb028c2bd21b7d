import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { profile as profileQuery } from "../api/account";
import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { put } from "../upload/transport";

const text = t.account.profile;

const KINDS = ["image/jpeg", "image/png", "image/webp"] as const;
const MAX_BYTES = 5 * 1024 * 1024;
/** How often is looked whether the picture is shown, and how many times. */
const POLL_MS = 1_000;
const POLLS = 30;

type Profile = Schemas["OwnProfile"];

/** The picture, and another one. */
export function Picture({ profile }: { profile: Profile }) {
  const { profile_picture: shown, profile_picture_error: refusal } = profile.profile;
  const [percent, setPercent] = useState(0);
  const decided = useDecided();
  const upload = useChange(async (file: File) => {
    const content_type = kindOf(file);
    setPercent(0);
    const ticket = await call(api.POST("/api/v1/users/profile/picture", { body: { content_type, size: file.size } }));
    await put({
      url: ticket.upload_url,
      headers: ticket.headers,
      body: file,
      signal: new AbortController().signal,
      onProgress: (sent) => setPercent(Math.round((sent / file.size) * 100)),
    });
    setPercent(100);
    await decided(profile);
  }, ["me"]);
  const remove = useChange(() => call(api.DELETE("/api/v1/users/profile/picture")), profileQuery.queryKey, ["me"]);
  return (
    <section className="card stack" aria-labelledby="picture">
      <h2 id="picture">{text.picture}</h2>
      <div className="row">
        {shown === "" ? (
          <div className="avatar" aria-hidden="true">
            {[...profile.first_name][0]?.toUpperCase()}
          </div>
        ) : (
          <img className="avatar" src={shown} alt={text.pictureNow} />
        )}
        <div className="stack-small grow">
          <div className="row">
            <FileButton
              label={shown === "" ? text.choosePicture : text.changePicture}
              accept={KINDS.join(",")}
              disabled={upload.isPending}
              onFile={(file) => upload.mutate(file)}
            />
            {shown !== "" && (
              <button type="button" className="button danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
                {text.removePicture}
              </button>
            )}
          </div>
          <p className="hint">{text.pictureHint}</p>
        </div>
      </div>
      {upload.isPending && (
        <Notice>
          <p>{percent < 100 ? text.pictureUploading(percent) : text.pictureWaiting}</p>
        </Notice>
      )}
      {!upload.isPending && refusal != null && <Notice kind="bad" title={refusal} />}
      <ErrorNotice error={upload.error ?? remove.error} />
    </section>
  );
}

/** The kind of a picture; what can be told to be none is not sent. */
function kindOf({ size, type }: File): (typeof KINDS)[number] {
  const refuse = (message: string) => new ApiError({ code: "PICTURE", status: 0, message });
  const kind = KINDS.find((known) => known === type);
  if (kind === undefined) throw refuse(text.pictureKind);
  if (size === 0) throw refuse(text.pictureEmpty);
  if (size > MAX_BYTES) throw refuse(text.pictureTooLarge);
  return kind;
}

/** Waits until the uploaded picture is shown or refused; either way the profile says so. */
function useDecided() {
  const queries = useQueryClient();
  return async ({ profile: before }: Profile) => {
    for (let poll = 0; poll < POLLS; poll++) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      const { profile: now } = await queries.query({ ...profileQuery, staleTime: 0 });
      const refused = now.profile_picture_error != null && now.profile_picture_error !== before.profile_picture_error;
      if (refused || now.profile_picture !== before.profile_picture) return;
    }
    throw new ApiError({ code: "PICTURE", status: 0, message: text.pictureLate });
  };
}
