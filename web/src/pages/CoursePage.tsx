import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { course as courseQuery } from "../api/queries";
import { languageName } from "../catalogue/address";
import { Badges, Price } from "../catalogue/CourseCard";
import { Curriculum } from "../course/Curriculum";
import { Enrol } from "../course/Enrol";
import { Related } from "../course/Related";
import { Reviews } from "../course/Reviews";
import { Teacher } from "../course/Teacher";
import { day, spokenDuration } from "../lib/format";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { Stars } from "../ui/Stars";
import { NotFoundPage } from "./NotFoundPage";

type Course = Schemas["CourseDetail"];

/** A course as students find it: what it is about, what is in it, what others say of it, and the way in. */
export function CoursePage() {
  const { slug = "" } = useParams();
  const query = useQuery(courseQuery(slug));
  if (query.isPending)
    return (
      <Page title={t.common.loading}>
        <Loading />
      </Page>
    );
  if (query.error !== null) {
    if (ApiError.from(query.error).status === 404)
      return <NotFoundPage title={t.course.notFound} body={t.course.notFoundBody} />;
    return (
      <Page title={t.errors.title}>
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  return <CourseDetail key={query.data.id} course={query.data} />;
}

function CourseDetail({ course }: { course: Course }) {
  return (
    <Page title={course.title} lead={course.short_description || undefined} width="wide">
      <div className="two-columns course-page">
        <aside className="card stack course-facts">
          <Cover title={course.title} picture={course.thumbnail} />
          <Badges course={course} />
          <Price course={course} />
          <Enrol course={course} />
          <Facts course={course} />
        </aside>
        <div className="stack-large">
          <List title={t.course.outcomes} items={course.outcomes} marked />
          <Curriculum course={course} />
          <Text title={t.course.about} text={course.description} />
          <List title={t.course.requirements} items={course.requirements} />
          <Text title={t.course.prerequisites} text={course.prerequisites} />
          <Tags tags={course.tags} />
          <Teacher teacher={course.instructor} />
          {course.published_at != null && <Reviews course={course} />}
        </div>
      </div>
      {course.is_published && <Related courseId={course.id} />}
    </Page>
  );
}

function Facts({ course }: { course: Course }) {
  const { instructor, reviews } = course;
  const facts = [
    [t.course.instructor, `${instructor.first_name} ${instructor.last_name}`.trim()],
    [t.course.category, course.category],
    [t.course.level, t.course.levels[course.level]],
    [t.course.language, languageName(course.language)],
    [t.course.curriculum, t.course.lessons(course.lesson_count)],
    [t.course.duration, course.duration_seconds > 0 ? spokenDuration(course.duration_seconds) : ""],
    [t.course.updated, day(course.last_updated)],
  ].filter(([, value]) => value !== "");
  return (
    <>
      <p className="row-tight small">
        {reviews.count > 0 && (
          <>
            <strong>{reviews.rating.toFixed(1)}</strong>
            <Stars rating={reviews.rating} />
            <a href="#reviews">{t.reviews.count(reviews.count)}</a>
          </>
        )}
        {course.student_count > 0 && <span className="muted">{t.course.students(course.student_count)}</span>}
      </p>
      <dl className="facts small">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function List({ title, items, marked = false }: { title: string; items: string[]; marked?: boolean }) {
  if (items.length === 0) return null;
  return (
    <section className="stack">
      <h2>{title}</h2>
      <ul className={marked ? "card outcomes" : undefined}>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </section>
  );
}

function Text({ title, text }: { title: string; text: string }) {
  if (text === "") return null;
  return (
    <section className="stack">
      <h2>{title}</h2>
      <p className="prewrap">{text}</p>
    </section>
  );
}

function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="tags">
      <h2 id="tags">{t.course.tags}</h2>
      <ul className="plain row">
        {tags.map((tag) => (
          <li key={tag}>
            <Link className="chip" to={`/?${new URLSearchParams({ tag }).toString()}`}>
              {t.catalogue.tag(tag)}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
