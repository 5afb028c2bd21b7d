import type { AccessRule, AttendanceStatus, Student } from "../api/teaching";
import { t } from "../text";
import { ProgressBar } from "../ui/Page";
import { type Chosen, isChosen, toggled } from "./chosen";

const text = t.students;

const RULE_TAGS: Record<AccessRule, string> = { free: "tag-good", once: "tag-busy", blocked: "tag-bad" };

interface Actions {
  chosen: Chosen;
  busy: boolean;
  /** Whether the attendance can be set. */
  canMark: boolean;
  onChosen: (chosen: Chosen) => void;
  onRule: (student: Student, rule: AccessRule) => void;
  onAttendance: (student: Student, status: AttendanceStatus | null) => void;
  /** Asks for all that can be set for one student. */
  onMore: (student: Student) => void;
}

/** The students, one in a line. On a small screen the table itself scrolls. */
export function ClassTable({ students, ...actions }: Actions & { students: Student[] }) {
  const { chosen, onChosen } = actions;
  const ids = students.map((one) => one.enrollment);
  const all = ids.length > 0 && ids.every((id) => isChosen(chosen, id));
  return (
    <div className="table-scroll" role="region" aria-label={text.table} tabIndex={0}>
      <table className="table">
        <caption className="visually-hidden">{text.table}</caption>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label={text.chooseShown}
                checked={all}
                onChange={() => onChosen(new Set(all ? [] : ids))}
              />
            </th>
            <th scope="col">{text.student}</th>
            <th scope="col">{text.progress}</th>
            <th scope="col">{text.attendanceTitle}</th>
            <th scope="col">{text.rule}</th>
            <th scope="col">{text.actions}</th>
          </tr>
        </thead>
        <tbody>
          {students.map((student) => (
            <Row key={student.enrollment} student={student} onPage={ids} {...actions} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ student, onPage, ...actions }: Actions & { student: Student; onPage: string[] }) {
  const { chosen, busy, onChosen, onRule, onMore } = actions;
  const { enrollment, student_name: name, enrollment_status: status, progress, violations } = student;
  const blocked = student.rule === "blocked";
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={text.choose(name)}
          checked={isChosen(chosen, enrollment)}
          onChange={() => onChosen(toggled(chosen, enrollment, onPage))}
        />
      </td>
      <th scope="row">
        {name}{" "}
        {(status === "suspended" || status === "expired") && <span className="tag tag-bad">{text.status[status]}</span>}
        {violations > 0 && (
          <p className="hint" title={text.violationsHint}>
            {text.violations(violations)}
          </p>
        )}
      </th>
      <td className="watched">
        <ProgressBar label={text.progressOf(name)} value={progress * 100} text={text.percent(progress)} />
        <span className="small">
          {text.percent(progress)} {student.completed && <span className="tag tag-good">{text.completed}</span>}
        </span>
      </td>
      <td>
        <Attendance student={student} {...actions} />
      </td>
      <td>
        <div className="row-tight">
          <span className={`tag ${RULE_TAGS[student.effective_rule]}`}>{text.rules[student.effective_rule]}</span>
          {student.is_override && (
            <span className="tag" title={text.overrideHint}>
              {text.override}
            </span>
          )}
        </div>
      </td>
      <td>
        <div className="row-tight">
          <button
            type="button"
            className="button small-button"
            disabled={busy}
            aria-label={(blocked ? text.unblockLabel : text.blockLabel)(name)}
            onClick={() => onRule(student, blocked ? "free" : "blocked")}
          >
            {blocked ? text.unblock : text.block}
          </button>
          <button
            type="button"
            className="button quiet small-button"
            disabled={busy}
            aria-label={text.moreLabel(name)}
            onClick={() => onMore(student)}
          >
            {text.more}
          </button>
        </div>
      </td>
    </tr>
  );
}

/** What was set by hand, or what follows from watching. */
function Attendance({ student, busy, canMark, onAttendance }: Pick<Actions, "busy" | "canMark" | "onAttendance"> & { student: Student }) {
  const { attendance_status: status, attendance_by_rule: byRule, student_name: name } = student;
  const words = status == null ? text.unknown : text.attendance[status];
  if (!canMark) return <>{words}</>;
  return (
    <select
      aria-label={text.attendanceOf(name)}
      value={byRule ? "" : (status ?? "")}
      disabled={busy}
      onChange={({ target }) => onAttendance(student, target.value === "" ? null : (target.value as AttendanceStatus))}
    >
      <option value="">{byRule && status != null ? text.byWatching(words) : text.asWatched}</option>
      {Object.entries(text.attendance).map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}
