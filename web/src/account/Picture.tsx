import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { profile as profileQuery } from "../api/account";
import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { PICTURE_KINDS, pictureKind, untilDecided } from "../upload/picture";
import { putWhole } from "../upload/putWhole";

const text = t.account.profile;

type Profile = Schemas["OwnProfile"];

/** The picture, and another one. */
export function Picture({ profile }: { profile: Profile }) {
  const { profile_picture: shown, profile_picture_error: refusal } = profile.profile;
  const [percent, setPercent] = useState(0);
  const decided = useDecided();
  const upload = useChange(async (file: File) => {
    const content_type = pictureKind(file, text);
    setPercent(0);
    const ticket = await call(api.POST("/api/v1/users/profile/picture", { body: { content_type, size: file.size } }));
    await putWhole(ticket, file, setPercent);
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
              accept={PICTURE_KINDS.join(",")}
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

/** Waits until the uploaded picture is shown or refused; either way the profile says so. */
function useDecided() {
  const queries = useQueryClient();
  return ({ profile: before }: Profile) =>
    untilDecided(async () => {
      const { profile: now } = await queries.query({ ...profileQuery, staleTime: 0 });
      const refused = now.profile_picture_error != null && now.profile_picture_error !== before.profile_picture_error;
      return refused || now.profile_picture !== before.profile_picture;
    }, text);
}
