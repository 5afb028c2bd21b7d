import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { videoPictures } from "../api/queries";
import { useChange } from "../api/useChange";
import { clock } from "../lib/format";
import { t } from "../text";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { PICTURE_KINDS, sendPicture } from "../upload/picture";

const text = t.editor;

type Candidate = Schemas["ThumbnailCandidate"];

/** The pictures that can stand for a video: those out of it, and one of its owner's own. */
export function VideoPictures({ video }: { video: Schemas["VideoView"] }) {
  const params = { path: { id: video.id } };
  const [percent, setPercent] = useState(0);
  const pictures = useQuery(videoPictures(video.id));
  const way = {
    begin: (body: Schemas["UploadPicture"]) => call(api.POST("/api/v1/media/videos/{id}/thumbnail", { params, body })),
    state: () => call(api.GET("/api/v1/media/videos/{id}/thumbnail", { params })),
    onPercent: setPercent,
  };
  const upload = useChange((file: File) => sendPicture(file, way, text), ["video", video.id]);
  const choose = useChange(
    ({ candidate, picture_id }: Candidate) =>
      call(api.PUT("/api/v1/media/videos/{id}/thumbnail", { params, body: picture_id != null ? { picture_id } : { candidate: candidate ?? null } })),
    ["video", video.id],
  );
  const found = pictures.data?.results ?? [];
  return (
    <section className="card stack" aria-labelledby="pictures">
      <h2 id="pictures">{text.picture}</h2>
      {found.length > 0 && (
        <ul className="pictures" aria-label={t.pictures.list}>
          {found.map((one) => (
            <li key={one.url}>
              <button
                type="button"
                className="picture-choice"
                aria-pressed={one.is_chosen}
                disabled={choose.isPending || upload.isPending}
                onClick={() => choose.mutate(one)}
              >
                <img src={one.url} alt={one.at_seconds == null ? t.pictures.own : t.pictures.at(clock(one.at_seconds))} loading="lazy" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <FileButton
        label={t.pictures.upload}
        accept={PICTURE_KINDS.join(",")}
        disabled={upload.isPending}
        onFile={(file) => upload.mutate(file)}
      />
      <p className="hint">{text.pictureHint}</p>
      {upload.isPending && (
        <Notice>
          <p>{percent < 100 ? text.pictureUploading(percent) : text.pictureWaiting}</p>
        </Notice>
      )}
      <ErrorNotice error={upload.error ?? choose.error ?? pictures.error} />
    </section>
  );
}
