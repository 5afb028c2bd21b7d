import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { PICTURE_KINDS, pictureKind, refusePicture, untilDecided } from "../upload/picture";
import { putWhole } from "../upload/putWhole";
import { useCourseChange } from "./useCourseChange";

const text = t.editor;

/** The picture of a course, and another one. */
export function Thumbnail({ course }: { course: Schemas["CourseDetail"] }) {
  const params = { path: { id: course.id } };
  const [percent, setPercent] = useState(0);
  const upload = useCourseChange(async (file: File) => {
    const content_type = pictureKind(file, text);
    setPercent(0);
    const body = { content_type, size: file.size };
    const ticket = await call(api.POST("/api/v1/courses/{id}/thumbnail", { params, body }));
    await putWhole(ticket, file, setPercent);
    setPercent(100);
    await decided(course.id, ticket.picture_id);
  });
  const remove = useCourseChange(() => call(api.PATCH("/api/v1/courses/{id}", { params, body: { thumbnail: "" } })));
  return (
    <section className="card stack" aria-labelledby="picture">
      <h2 id="picture">{text.picture}</h2>
      <div className="row">
        <div className="thumbnail">
          <Cover title={course.title} picture={course.thumbnail} />
        </div>
        <div className="stack-small grow">
          <div className="row">
            <FileButton
              label={course.thumbnail === "" ? text.choosePicture : text.changePicture}
              accept={PICTURE_KINDS.join(",")}
              disabled={upload.isPending}
              onFile={(file) => upload.mutate(file)}
            />
            {course.thumbnail !== "" && (
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
      <ErrorNotice error={upload.error ?? remove.error} />
    </section>
  );
}

/** Waits until this upload is shown, or refused. */
async function decided(id: string, picture: string): Promise<void> {
  await untilDecided(async () => {
    const state = await call(api.GET("/api/v1/courses/{id}/thumbnail", { params: { path: { id } } }));
    if (state.picture_id !== picture) return false;
    if (state.error != null) throw refusePicture(state.error);
    return true;
  }, text);
}
