import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { type Certified, enrollments } from "../api/queries";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page, ProgressBar } from "../ui/Page";

/** The courses that the caller is enrolled in. */
export function LearnPage() {
  const list = useInfiniteQuery(enrollments);
  const items = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <Page title={t.learn.title} width="wide">
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {list.isSuccess && items.length === 0 && (
        <div className="empty">
          <h2>{t.learn.empty}</h2>
          <Link className="button primary" to="/">
            {t.learn.find}
          </Link>
        </div>
      )}
      <ul className="cards">
        {items.map((enrollment) => (
          <li key={enrollment.id}>
            <EnrolledCard enrollment={enrollment} />
          </li>
        ))}
      </ul>
      <MoreButton {...list} />
    </Page>
  );
}

function EnrolledCard({ enrollment }: { enrollment: Schemas["EnrollmentListItem"] & Certified }) {
  const { course, status, progress_percent: percent, certificate_url: certificate } = enrollment;
  const stopped = status === "expired" || status === "suspended" ? t.learn.status[status] : null;
  return (
    <article className="card course-card">
      <Cover title={course.title} picture={course.thumbnail} />
      <div className="course-card-body">
        <h2>
          <Link to={stopped === null ? `/learn/${enrollment.id}` : `/courses/${course.slug}`}>{course.title}</Link>
        </h2>
        <ProgressBar label={t.learn.progress(percent)} value={percent} />
        <div className="course-card-foot">
          <span className="small muted">
            {t.learn.lessonsDone(enrollment.lessons_completed, enrollment.total_lessons)}
          </span>
          {stopped !== null && <span className="tag tag-bad">{stopped}</span>}
          {enrollment.is_completed && <span className="tag tag-good">{t.learn.completed}</span>}
        </div>
        {certificate != null && (
          <div className="course-card-actions">
            <a href={certificate} target="_blank" rel="noopener" aria-label={t.learn.certificate.of(course.title)}>
              {t.learn.certificate.title}
            </a>
          </div>
        )}
      </div>
    </article>
  );
}
