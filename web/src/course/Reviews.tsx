import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "react-router";

import { ownReview, reviews as reviewsQuery, type ReviewQuery } from "../api/catalogue";
import type { Schemas } from "../api/client";
import { useAuth } from "../auth/useAuth";
import { t } from "../text";
import { Select } from "../ui/Field";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { Ratings } from "./Ratings";
import { ReviewCard } from "./ReviewCard";
import { ReviewForm } from "./ReviewForm";

type Course = Schemas["CourseDetail"];
type Ordering = NonNullable<ReviewQuery["ordering"]>;

/** What students say of a course. */
export function Reviews({ course }: { course: Course }) {
  const { user } = useAuth();
  const [stars, setStars] = useState<number | null>(null);
  const [ordering, setOrdering] = useState<Ordering>("-created_at");
  const list = useInfiniteQuery(reviewsQuery(course.id, { ordering, ...(stars !== null && { rating: stars }) }));
  const pages = list.data?.pages;
  const own = pages?.[0]?.own_review_id ?? null;
  const listed = pages?.flatMap((page) => page.results) ?? [];
  const teaches = user?.id === course.instructor.id;
  const viewer = { id: user?.id ?? null, teaches, admin: user?.role === "admin" };
  const teacher = `${course.instructor.first_name} ${course.instructor.last_name}`.trim();
  return (
    <section className="stack" aria-labelledby="reviews">
      <h2 id="reviews">{t.reviews.title}</h2>
      <Ratings summary={pages?.[0]?.summary ?? course.reviews} chosen={stars} onChoose={setStars} />
      {!teaches && pages !== undefined && <Own course={course} own={own} listed={listed} viewer={viewer} teacher={teacher} />}
      <div className="row">
        <div className="review-order">
          <Select
            label={t.reviews.ordering}
            value={ordering}
            onChange={({ target }) => setOrdering(target.value as Ordering)}
          >
            {Object.entries(t.reviews.orderings).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </div>
        {stars !== null && (
          <button type="button" className="button quiet" onClick={() => setStars(null)}>
            {t.reviews.all}
          </button>
        )}
      </div>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {list.isSuccess && listed.length === 0 && (
        <p className="muted">{stars === null ? t.reviews.none : t.reviews.noneOf(stars)}</p>
      )}
      <ul className="plain rows" aria-busy={list.isPlaceholderData}>
        {listed.map((review) => (
          <li key={review.id}>
            <ReviewCard review={review} viewer={viewer} own={review.id === own} teacher={teacher} />
          </li>
        ))}
      </ul>
      <MoreButton {...list} />
    </section>
  );
}

interface OwnProps {
  course: Course;
  own: string | null;
  listed: Schemas["ReviewView"][];
  viewer: Parameters<typeof ReviewCard>[0]["viewer"];
  teacher: string;
}

/** The viewer's own review where the list does not show it, or the way to one. */
function Own({ course, own, listed, viewer, teacher }: OwnProps) {
  const { signedIn } = useAuth();
  const { pathname } = useLocation();
  const [writing, setWriting] = useState(false);
  const shown = listed.some((review) => review.id === own);
  const review = useQuery({ ...ownReview(course.id, own ?? ""), enabled: own !== null && !shown });
  if (own !== null) {
    if (shown || review.data === undefined) return null;
    return <ReviewCard review={review.data} viewer={viewer} own teacher={teacher} />;
  }
  if (!signedIn) {
    return (
      <p className="small">
        <Link to={`/login?next=${encodeURIComponent(pathname)}`}>{t.reviews.loginToReview}</Link>
      </p>
    );
  }
  if (!course.enrolled) return <p className="small muted">{t.reviews.onlyStudents}</p>;
  if (writing) return <ReviewForm courseId={course.id} onDone={() => setWriting(false)} />;
  return (
    <div>
      <button type="button" className="button" onClick={() => setWriting(true)}>
        {t.reviews.write}
      </button>
    </div>
  );
}
