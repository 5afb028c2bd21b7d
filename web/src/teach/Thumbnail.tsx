import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { PICTURE_KINDS, sendPicture } from "../upload/picture";
import { useCourseChange } from "./useCourseChange";

const text = t.editor;

/** The picture of a course, and another one. */
export function Thumbnail({ course }: { course: Schemas["CourseDetail"] }) {
  const params = { path: { id: course.id } };
  const [percent, setPercent] = useState(0);
  const way = {
    begin: (body: Schemas["UploadPicture"]) => call(api.POST("/api/v1/courses/{id}/thumbnail", { params, body })),
    state: () => call(api.GET("/api/v1/courses/{id}/thumbnail", { params })),
    onPercent: setPercent,
  };
  const upload = useCourseChange((file: File) => sendPicture(file, way, text));
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
