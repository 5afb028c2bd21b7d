import { type KeyboardEvent, useRef, useState } from "react";

import type { LearningCalendar } from "../api/dashboard";
import { day as dayName, month, spokenDuration } from "../lib/format";
import { t } from "../text";
import { type Cell, daysAfter, weeksOf } from "./calendar";

const text = t.dashboard;

/** How far each key moves, in days. A week is a column. */
const MOVES: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -7, ArrowRight: 7 };

/** What happened on a day, in words. */
function words({ date, day }: Cell): string {
  if (day?.frozen === true) return text.frozenOn(dayName(date));
  if (day === null) return text.nothingOn(dayName(date));
  return text.learnedOn(dayName(date), spokenDuration(day.seconds_learned), day.lessons_completed);
}

/** The month that begins in a week. */
function begins(week: (Cell | null)[]): string {
  const first = week.find((cell) => cell?.date.endsWith("-01") === true);
  return first == null ? "" : month(first.date);
}

/** The days as a grid of weeks: the more was learned, the darker. One day of it has the keyboard; the arrows move it. */
export function HeatMap({ calendar }: { calendar: LearningCalendar }) {
  const grid = useRef<HTMLTableElement>(null);
  const weeks = weeksOf(calendar);
  const dates = weeks.flat().flatMap((cell) => (cell === null ? [] : [cell.date]));
  const [chosen, setChosen] = useState<string | null>(null);
  const current = chosen !== null && dates.includes(chosen) ? chosen : dates.at(-1);
  const shown = weeks.flat().find((cell) => cell?.date === current);
  const move = (event: KeyboardEvent) => {
    const by = MOVES[event.key];
    if (by === undefined || current === undefined) return;
    event.preventDefault();
    const next = daysAfter(current, by);
    if (!dates.includes(next)) return;
    setChosen(next);
    grid.current?.querySelector<HTMLElement>(`[data-date="${next}"]`)?.focus();
  };
  return (
    <div className="heat-map">
      <div className="heat-scroll">
        <table className="heat" role="grid" aria-label={text.map} ref={grid} onKeyDown={move}>
          <thead aria-hidden="true">
            <tr>
              {weeks.map((week, at) => (
                <td key={at} className="heat-month">
                  <span>{begins(week)}</span>
                </td>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: 7 }, (_, weekday) => (
              <tr key={weekday}>
                {weeks.map((week, at) => {
                  const cell = week[weekday] ?? null;
                  if (cell === null) return <td key={at} />;
                  return (
                    <td
                      key={at}
                      role="gridcell"
                      data-date={cell.date}
                      data-shade={cell.shade}
                      data-frozen={cell.day?.frozen === true || undefined}
                      tabIndex={cell.date === current ? 0 : -1}
                      aria-label={words(cell)}
                      title={words(cell)}
                      onClick={() => setChosen(cell.date)}
                    />
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row small muted">
        <span>{shown != null && words(shown)}</span>
        <span className="grow" />
        <span className="row-tight" aria-hidden="true">
          {text.less}
          {[0, 1, 2, 3, 4].map((shade) => (
            <span key={shade} className="heat-key" data-shade={shade} />
          ))}
          {text.more}
        </span>
      </div>
    </div>
  );
}
