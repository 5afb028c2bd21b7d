import { useQuery } from "@tanstack/react-query";

import { type DashboardStats, dashboardStats } from "../api/dashboard";
import { number } from "../lib/format";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { Tile } from "../ui/Tile";

const text = t.dashboard;

/** Somebody's numbers and his streak. */
export function Numbers() {
  const query = useQuery(dashboardStats);
  const stats = query.data;
  return (
    <section className="card stack" aria-labelledby="numbers">
      <h2 id="numbers">{text.numbers}</h2>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading />}
      {stats !== undefined && (
        <>
          <dl className="tiles">
            <Tile name={text.streak} value={text.days(stats.current_streak_days)} />
            <Tile name={text.hours} value={learned(stats)} />
            <Tile name={text.lessons} value={number(stats.lessons_completed)} />
            <Tile name={text.courses} value={text.coursesOf(stats.courses_completed, stats.courses_enrolled)} />
            <Tile name={text.certificates} value={number(stats.certificates_earned)} />
            {stats.average_rating_given != null && (
              <Tile name={text.rating} value={stats.average_rating_given.toFixed(1)} />
            )}
          </dl>
          <p className="muted">{streak(stats)}</p>
        </>
      )}
    </section>
  );
}

/** Below an hour, minutes. */
function learned({ seconds_learned: seconds, total_hours_learned: hours }: DashboardStats): string {
  return hours > 0 ? text.hoursOf(hours) : text.minutesOf(Math.floor(seconds / 60));
}

/** What becomes of the streak. */
function streak(stats: DashboardStats): string {
  const { current_streak_days: now, longest_streak_days: longest, frozen_days_left: frozen, learned_today: today } = stats;
  return [
    today ? text.learnedToday : now > 0 ? text.notToday : text.noStreak,
    now > 0 && frozen > 0 && text.frozen(frozen),
    longest > now && text.longest(longest),
  ]
    .filter(Boolean)
    .join(" ");
}
