import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { type CourseToContinue, toContinue } from "../api/dashboard";
import { clock, moment } from "../lib/format";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { ErrorNotice } from "../ui/Notice";
import { Loading, ProgressBar } from "../ui/Page";

const text = t.dashboard;

/** The courses that somebody learns in, each with the lesson to go on with. */
export function GoOn() {
  const query = useQuery(toContinue);
  const courses = query.data?.results ?? [];
  return (
    <section className="stack" aria-labelledby="go-on">
      <h2 id="go-on">{text.goOn}</h2>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading />}
      {query.isSuccess && courses.length === 0 && (
        <div className="empty">
          <p>{text.nothingToGoOn}</p>
          <Link className="button primary" to="/">
            {t.learn.find}
          </Link>
        </div>
      )}
      <ul className="cards cards-narrow">
        {courses.map((one) => (
          <li key={one.enrollment_id}>
            <Card one={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({ one }: { one: CourseToContinue }) {
  const { course, current_lesson: lesson, progress_percent: percent, last_learned_at: last } = one;
  const to = lesson == null ? `/learn/${one.enrollment_id}` : `/learn/${one.enrollment_id}/${lesson.id}`;
  return (
    <article className="card course-card">
      <Cover title={course.title} picture={course.thumbnail} />
      <div className="course-card-body">
        <h3>
          <Link to={to} aria-label={text.continueLabel(course.title)}>
            {course.title}
          </Link>
        </h3>
        {course.instructor !== "" && <p className="small muted">{text.by(course.instructor)}</p>}
        {lesson != null && <p className="small">{text.lesson(lesson.order, lesson.title)}</p>}
        {lesson?.locked === true && (
          <p className="small muted">{lesson.opens_at == null ? text.locked : text.opensAt(moment(lesson.opens_at))}</p>
        )}
        <ProgressBar label={t.learn.progress(percent)} value={percent} />
        <p className="small muted">
          {t.learn.lessonsDone(one.lessons_completed, one.total_lessons)}
          {last != null && ` · ${text.lastLearned(moment(last))}`}
        </p>
        <div className="course-card-foot">
          <span className="tag tag-busy">{action(one)}</span>
        </div>
      </div>
    </article>
  );
}

/** What the card leads to: the place in the video, the next lesson, or the first one. */
function action({ current_lesson: lesson, last_learned_at: last }: CourseToContinue): string {
  if (lesson?.locked === true) return t.learn.locked;
  if (lesson != null && lesson.last_position > 0) return text.resumeAt(clock(lesson.last_position));
  return last == null ? text.begin : text.next;
}
