import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { course as courseQuery } from "../api/queries";
import { useAuth } from "../auth/useAuth";
import { price, spokenDuration } from "../lib/format";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { NotFoundPage } from "./NotFoundPage";

type Course = Schemas["CourseDetail"];

/** A course as students find it: what it is about, what is in it, and the way in. */
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
  const { instructor } = course;
  return (
    <Page title={course.title} lead={course.short_description || undefined} width="wide">
      <div className="two-columns">
        <div className="stack-large">
          <List title={t.course.outcomes} items={course.outcomes} />
          <section className="stack" aria-labelledby="curriculum">
            <h2 id="curriculum">{t.course.curriculum}</h2>
            {course.curriculum.length === 0 && <p className="muted">{t.course.noLessons}</p>}
            {course.curriculum.map((section) => (
              <CurriculumSection key={section.id} section={section} course={course} />
            ))}
          </section>
          {course.description !== "" && (
            <section className="stack" aria-labelledby="about">
              <h2 id="about">{t.course.about}</h2>
              <p className="prewrap">{course.description}</p>
            </section>
          )}
          <List title={t.course.requirements} items={course.requirements} />
        </div>
        <aside className="card stack">
          <Cover title={course.title} picture={course.thumbnail} />
          <p className="price">
            {typeof course.price === "number" ? price(course.price, course.currency) : t.course.noPrice}
          </p>
          <Enrol course={course} />
          <dl className="facts small">
            <dt>{t.course.instructor}</dt>
            <dd>{`${instructor.first_name} ${instructor.last_name}`.trim()}</dd>
            <dt>{t.editor.level}</dt>
            <dd>{t.course.levels[course.level]}</dd>
            <dt>{t.course.curriculum}</dt>
            <dd>{t.course.lessons(course.lesson_count)}</dd>
            {course.duration_seconds > 0 && (
              <>
                <dt>{t.processing.facts.duration}</dt>
                <dd>{spokenDuration(course.duration_seconds)}</dd>
              </>
            )}
          </dl>
          {instructor.profile.bio !== "" && <p className="small muted">{instructor.profile.bio}</p>}
        </aside>
      </div>
    </Page>
  );
}

function List({ title, items }: { title: string; items: string[] }) {
  if (items.length === 0) return null;
  return (
    <section className="stack">
      <h2>{title}</h2>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </section>
  );
}

function CurriculumSection({ section, course }: { section: Schemas["SectionView"]; course: Course }) {
  return (
    <section className="section" aria-label={section.title}>
      <div className="section-head">
        <h3>{section.title}</h3>
        <span className="small muted">{t.course.lessons(section.total_lessons)}</span>
      </div>
      <ol className="lessons">
        {section.lessons.map((lesson) => (
          <li key={lesson.id}>
            <LessonRow lesson={lesson} course={course} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function LessonRow({ lesson, course }: { lesson: Schemas["CurriculumLesson"]; course: Course }) {
  const duration = lesson.duration_seconds > 0 && (
    <span className="small muted">{spokenDuration(lesson.duration_seconds)}</span>
  );
  const inside = course.enrolled && typeof course.enrollment_id === "string";
  const content = (
    <>
      <Icon name={lesson.kind === "text" ? "text" : "play"} />
      <span className="lesson-title">{lesson.title}</span>
      {duration}
    </>
  );
  if (inside)
    return (
      <Link className="lesson" to={`/learn/${course.enrollment_id}/${lesson.id}`}>
        {content}
      </Link>
    );
  if (lesson.is_preview) {
    return (
      <Link className="lesson" to={`/courses/${course.slug}/${lesson.id}`}>
        {content}
        <span className="tag tag-busy">{t.course.preview}</span>
      </Link>
    );
  }
  return (
    <div className="lesson">
      {content}
      <Icon name="lock" />
      <span className="visually-hidden">{t.course.locked}</span>
    </div>
  );
}

function Enrol({ course }: { course: Course }) {
  const { signedIn, user } = useAuth();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const enrol = useMutation({
    mutationFn: () => call(api.POST("/api/v1/courses/{id}/enroll", { params: { path: { id: course.id } } })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries();
      await navigate(`/learn/${id}`);
    },
  });
  if (user?.id === course.instructor.id) {
    return (
      <Link className="button primary" to={`/teach/courses/${course.id}`}>
        {t.course.edit}
      </Link>
    );
  }
  if (course.enrolled && typeof course.enrollment_id === "string") {
    return (
      <Link className="button primary" to={`/learn/${course.enrollment_id}`}>
        {t.course.goOn}
      </Link>
    );
  }
  if (course.price !== 0) return <p className="small muted">{t.course.paid}</p>;
  if (!signedIn) {
    return (
      <Link className="button primary" to={`/login?next=${encodeURIComponent(pathname)}`}>
        {t.course.loginToEnroll}
      </Link>
    );
  }
  return (
    <>
      <button type="button" className="button primary" disabled={enrol.isPending} onClick={() => enrol.mutate()}>
        {enrol.isPending ? t.course.enrolling : t.course.enroll}
      </button>
      <ErrorNotice error={enrol.error} />
    </>
  );
}
