import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { number, price } from "../lib/format";
import { CardActions } from "../shop/Buy";
import { t } from "../text";
import { Cover } from "../ui/Cover";
import { Stars } from "../ui/Stars";
import { Marked } from "./Marked";

type Course = Schemas["CourseListItem"];

interface Props {
  course: Course;
  /** Where it matches what was looked for. */
  highlights?: Schemas["Highlighted"] | undefined;
  /** The level of its heading in the page. */
  level?: 2 | 3;
  onOpen?: () => void;
}

/** A course in a list. */
export function CourseCard({ course, highlights, level = 2, onOpen }: Props) {
  const { title, slug, instructor } = course;
  const Heading = `h${level}` as const;
  const said = highlights?.short_description ?? highlights?.description;
  return (
    <article className="card course-card">
      <Cover title={title} picture={course.thumbnail} />
      <div className="course-card-body">
        <Badges course={course} />
        <Heading>
          <Link to={`/courses/${slug}`} onClick={onOpen}>
            {highlights === undefined ? title : <Marked html={highlights.title} />}
          </Link>
        </Heading>
        <p className="small muted">{t.catalogue.by(`${instructor.first_name} ${instructor.last_name}`.trim())}</p>
        {said === undefined
          ? course.short_description !== "" && <p className="small clamp">{course.short_description}</p>
          : (
            <p className="small clamp">
              <Marked html={said} />
            </p>
          )}
        <p className="small muted row-tight">
          {course.rating_count > 0 ? (
            <>
              <strong className="rating">{course.rating.toFixed(1)}</strong>
              <Stars rating={course.rating} />
              {t.catalogue.ratings(number(course.rating_count))}
            </>
          ) : (
            t.catalogue.noRating
          )}
        </p>
        <p className="small muted">
          {[
            t.course.levels[course.level],
            ...(course.duration_hours > 0 ? [t.course.hours(course.duration_hours)] : []),
            t.course.lessons(course.lesson_count),
          ].join(" · ")}
        </p>
        <div className="course-card-foot">
          {course.enrolled ? <span className="tag tag-good">{t.catalogue.enrolled}</span> : <Price course={course} />}
          {!course.enrolled && course.in_plans && course.price !== 0 && <span className="tag">{t.catalogue.inPlans}</span>}
          {course.student_count > 0 && (
            <span className="small muted">{t.course.students(course.student_count)}</span>
          )}
        </div>
        <CardActions course={course} />
      </div>
    </article>
  );
}

/** What makes a course stand out. */
export function Badges({ course }: { course: Pick<Course, "is_bestseller" | "is_new"> }) {
  if (!course.is_bestseller && !course.is_new) return null;
  return (
    <p className="row-tight">
      {course.is_bestseller && <span className="tag tag-busy">{t.catalogue.bestseller}</span>}
      {course.is_new && <span className="tag tag-good">{t.catalogue.isNew}</span>}
    </p>
  );
}

type Priced = Pick<Course, "price" | "original_price" | "currency" | "discount_percent">;

/** What a course costs, and what it cost before a discount. */
export function Price({ course }: { course: Priced }) {
  const { price: now, original_price: before, currency, discount_percent: percent } = course;
  if (typeof now !== "number") return <span className="price">{t.course.noPrice}</span>;
  return (
    <span className="row-tight">
      <span className="price">{price(now, currency)}</span>
      {typeof before === "number" && percent > 0 && (
        <>
          <s className="small muted">
            <span className="visually-hidden">{t.catalogue.before}</span> {price(before, currency)}
          </s>
          <span className="tag tag-good">{t.catalogue.discount(percent)}</span>
        </>
      )}
    </span>
  );
}
