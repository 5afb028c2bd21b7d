import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { activity } from "../api/dashboard";
import { spokenDuration } from "../lib/format";
import { t } from "../text";
import { Select } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { HeatMap } from "./HeatMap";

const text = t.dashboard;

/** Years that can be looked at, this one among them. */
const YEARS = 5;

/** The days on which somebody learned. */
export function Activity() {
  const [year, setYear] = useState<number | null>(null);
  const query = useQuery(activity(year));
  const calendar = query.data;
  const thisYear = Number((calendar?.today ?? new Date().toISOString()).slice(0, 4));
  const learned = calendar?.days.filter((day) => !day.frozen).length ?? 0;
  return (
    <section className="card stack" aria-labelledby="activity" aria-busy={query.isPlaceholderData}>
      <div className="row">
        <h2 id="activity" className="lesson-title">
          {text.activity}
        </h2>
        <Select
          label={text.year}
          value={year ?? ""}
          onChange={({ target }) => setYear(target.value === "" ? null : Number(target.value))}
        >
          <option value="">{text.lastYear}</option>
          {Array.from({ length: YEARS }, (_, ago) => thisYear - ago).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
      </div>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading />}
      {calendar !== undefined && (
        <>
          <p className="muted">
            {learned === 0 ? text.noActivity : text.activityLead(learned, spokenDuration(calendar.seconds_learned))}
          </p>
          <HeatMap calendar={calendar} />
        </>
      )}
    </section>
  );
}
