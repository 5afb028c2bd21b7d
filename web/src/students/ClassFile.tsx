import { type Lecture, statsFile } from "../api/teaching";
import { useChange } from "../api/useChange";
import { saveBlob } from "../lib/browser";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";

/** The class as a table for spreadsheets. */
export function ClassFile({ lecture }: { lecture: Lecture }) {
  const fetch = useChange(async () => saveBlob(await statsFile(lecture), t.students.fileName(lecture.video)));
  return (
    <>
      <button type="button" className="button" disabled={fetch.isPending} onClick={() => fetch.mutate()}>
        <Icon name="download" />
        {t.students.file}
      </button>
      <ErrorNotice error={fetch.error} />
    </>
  );
}
