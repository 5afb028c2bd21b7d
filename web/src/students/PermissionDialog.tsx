import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { permission as readPermission, type PermissionChanges, type Student } from "../api/teaching";
import { t } from "../text";
import { Dialog } from "../ui/Dialog";
import { Select } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { changesOf, formOf, type PermissionForm, UNTOUCHED } from "./permission";

const text = t.students.dialog;

interface Props {
  video: string;
  /** `null`: all who were chosen. */
  student: Student | null;
  /** The speeds that can be chosen. */
  speeds: number[];
  error: Error | null;
  busy: boolean;
  /** `null` takes away all that was set. */
  onSave: (changes: PermissionChanges | null) => void;
  onClose: () => void;
}

/** All that a teacher can set for one student, or for many. */
export function PermissionDialog({ student, ...props }: Props) {
  const { video, onClose } = props;
  const own = useQuery({
    queryKey: ["video-permission", video, student?.enrollment],
    queryFn: () => readPermission(video, student?.enrollment ?? ""),
    enabled: student !== null,
    gcTime: 0,
    staleTime: Infinity,
  });
  return (
    <Dialog title={student === null ? text.titleMany : text.title(student.student_name)} onClose={onClose}>
      {student === null && <Form initial={UNTOUCHED} many {...props} />}
      {student !== null && (
        <>
          <ErrorNotice error={own.error} onRetry={() => void own.refetch()} />
          {own.isPending && <Loading />}
          {own.data !== undefined && <Form initial={formOf(own.data)} many={false} {...props} />}
        </>
      )}
    </Dialog>
  );
}

function Form({ initial, many, speeds, error, busy, onSave, onClose }: Omit<Props, "student"> & { initial: PermissionForm; many: boolean }) {
  const [form, setForm] = useState(initial);
  const changes = changesOf(initial, form);
  const field = <Name extends keyof PermissionForm>(name: Name) => ({
    name,
    value: form[name],
    onChange: ({ target }: { target: HTMLSelectElement }) => setForm({ ...form, [name]: target.value }),
  });
  const keep = many && <option value="">{text.keep}</option>;
  // A speed that was set elsewhere is not in the usual list.
  const own = Number(initial.speed);
  const offered = own > 0 && !speeds.includes(own) ? [...speeds, own].sort((a, b) => a - b) : speeds;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (changes === null) onClose();
    else onSave(changes);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <ErrorNotice error={error} />
      <Select label={text.rule} {...field("rule")}>
        {keep}
        {Object.entries(text.rules).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Select>
      <Select label={text.seek} {...field("seek")}>
        {keep}
        <option value="video">{text.asVideo}</option>
        <option value="yes">{text.seekYes}</option>
        <option value="no">{text.seekNo}</option>
      </Select>
      <Select label={text.speed} {...field("speed")}>
        {keep}
        <option value="video">{text.asVideo}</option>
        <option value="none">{text.speedNone}</option>
        {offered.map((speed) => (
          <option key={speed} value={String(speed)}>
            {text.speedUpTo(speed)}
          </option>
        ))}
      </Select>
      <Select label={text.watermark} {...field("watermark")}>
        {keep}
        <option value="video">{text.asVideo}</option>
        <option value="yes">{text.watermarkYes}</option>
        <option value="no">{text.watermarkNo}</option>
      </Select>
      <div className="row">
        <button type="submit" className="button primary" disabled={busy}>
          {t.common.save}
        </button>
        <button type="button" className="button" onClick={() => onClose()}>
          {t.common.cancel}
        </button>
        <span className="grow" />
        <button type="button" className="button quiet danger" disabled={busy} onClick={() => onSave(null)}>
          {text.reset}
        </button>
      </div>
    </form>
  );
}
