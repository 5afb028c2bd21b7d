import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { courses } from "../api/queries";
import { price } from "../lib/format";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";

/** The published courses. */
export function CataloguePage() {
  const list = useInfiniteQuery(courses);
  const items = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <Page title={t.catalogue.title} lead={t.catalogue.lead} width="wide">
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {list.isSuccess && items.length === 0 && (
        <div className="empty">
          <h2>{t.catalogue.empty}</h2>
          <p className="muted">{t.catalogue.emptyHint}</p>
        </div>
      )}
      <ul className="cards">
        {items.map((course) => (
          <li key={course.id}>
            <CourseCard course={course} />
          </li>
        ))}
      </ul>
      <MoreButton {...list} />
    </Page>
  );
}

function CourseCard({ course }: { course: Schemas["CourseListItem"] }) {
  const { title, slug, instructor } = course;
  return (
    <article className="card course-card">
      <Cover title={title} picture={course.thumbnail} />
      <div className="course-card-body">
        <h2>
          <Link to={`/courses/${slug}`}>{title}</Link>
        </h2>
        <p className="small muted">{t.catalogue.by(`${instructor.first_name} ${instructor.last_name}`.trim())}</p>
        {course.short_description !== "" && <p className="small">{course.short_description}</p>}
        <div className="course-card-foot">
          <span className="small muted">
            {t.course.levels[course.level]} · {t.course.lessons(course.lesson_count)}
          </span>
          {course.enrolled ? (
            <span className="tag tag-good">{t.nav.learn}</span>
          ) : (
            <span className="price">
              {typeof course.price === "number" ? price(course.price, course.currency) : ""}
            </span>
          )}
        </div>
      </div>
    </article>
  );
}
