import type { AccessRule, AttendanceStatus } from "../api/teaching";
import { t } from "../text";
import type { Chosen } from "./chosen";

const text = t.students;

interface Props {
  chosen: Chosen;
  /** Students of the class. */
  total: number;
  busy: boolean;
  canMark: boolean;
  onChosen: (chosen: Chosen) => void;
  onRule: (rule: AccessRule) => void;
  onAttendance: (status: AttendanceStatus | null) => void;
  onMore: () => void;
}

/** What can be done with all who were chosen. */
export function BulkBar({ chosen, total, busy, canMark, onChosen, onRule, onAttendance, onMore }: Props) {
  const count = chosen === "all" ? total : chosen.size;
  const none = count === 0;
  const disabled = none || busy;
  return (
    <div className="row bulk" role="group" aria-label={text.bulk}>
      <span className="small" role="status">
        {text.chosen(count)}
      </span>
      <button type="button" className="button small-button" disabled={disabled} onClick={() => onRule("blocked")}>
        {text.block}
      </button>
      <button type="button" className="button small-button" disabled={disabled} onClick={() => onRule("free")}>
        {text.unblock}
      </button>
      <button type="button" className="button small-button" disabled={disabled} onClick={() => onMore()}>
        {text.more}
      </button>
      {canMark && (
        <select
          aria-label={text.attendanceOfChosen}
          value=""
          // Of the whole class those are not known here who are not on the page.
          disabled={disabled || chosen === "all"}
          onChange={({ target }) => onAttendance(target.value === "watching" ? null : (target.value as AttendanceStatus))}
        >
          <option value="" disabled>
            {text.markAs}
          </option>
          {Object.entries(text.attendance).map(([status, name]) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
          <option value="watching">{text.asWatched}</option>
        </select>
      )}
      <span className="grow" />
      {chosen !== "all" && (
        <button type="button" className="button quiet small-button" onClick={() => onChosen("all")}>
          {text.chooseAll(total)}
        </button>
      )}
      {!none && (
        <button type="button" className="button quiet small-button" onClick={() => onChosen(new Set<string>())}>
          {text.chooseNone}
        </button>
      )}
    </div>
  );
}
