import { useNavigate } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { t } from "../text";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice } from "../ui/Notice";
import { ImportArchive } from "./ImportArchive";
import type { CopyState } from "./LeftOut";
import { useCourseChange } from "./useCourseChange";

/** Largest document, in bytes, as the API has it. */
const MAX_BYTES = 5_000_000;

/** Makes a course of a document that an export gave, or of an archive. */
export function ImportCourse() {
  const navigate = useNavigate();
  const add = useCourseChange(async (file: File) => {
    const made = await call(api.POST("/api/v1/courses/import", { body: await documentOf(file) }));
    await navigate(`/teach/courses/${made.id}`, { state: { leftOut: made.left_out } satisfies CopyState });
  });
  return (
    <section className="card stack" aria-labelledby="import">
      <h3 id="import">{t.teach.importCourse}</h3>
      <p className="hint">{t.teach.importHint}</p>
      <ErrorNotice error={add.error} />
      <div>
        <FileButton
          label={t.teach.chooseDocument}
          accept="application/json,.json"
          disabled={add.isPending}
          onFile={(file) => add.mutate(file)}
        />
      </div>
      <ImportArchive />
    </section>
  );
}

/** What a file holds. Whether it is a course is for the API to say; that it is JSON, and not too large, is seen here. */
async function documentOf(file: File): Promise<Schemas["CourseDocument"]> {
  const refuse = (message: string) => ApiError.refusal("DOCUMENT", message);
  if (file.size > MAX_BYTES) throw refuse(t.teach.documentTooLarge);
  try {
    return JSON.parse(await file.text()) as Schemas["CourseDocument"];
  } catch {
    throw refuse(t.teach.noDocument);
  }
}
