import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { day } from "../lib/format";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { Stars } from "../ui/Stars";
import { Reply } from "./Reply";
import { ReviewForm } from "./ReviewForm";

type Review = Schemas["ReviewView"];

/** What the viewer is to a review. */
export interface Viewer {
  id: string | null;
  /** Whether he teaches the course. */
  teaches: boolean;
  /** Whether he may delete what others wrote. */
  admin: boolean;
}

interface Props {
  review: Review;
  viewer: Viewer;
  /** Whether it is the viewer's own. */
  own: boolean;
  teacher: string;
}

/** A review, with what its reader may do with it. */
export function ReviewCard({ review, viewer, own, teacher }: Props) {
  const [editing, setEditing] = useState(false);
  const { course_id: courseId, id } = review;
  const params = { path: { id: courseId, review_id: id } };
  const remove = useChange(
    () => call(api.DELETE("/api/v1/courses/{id}/reviews/{review_id}", { params })),
    ["reviews", courseId],
    ["course"],
  );
  if (editing) return <ReviewForm courseId={courseId} review={review} onDone={() => setEditing(false)} />;
  const author = review.author ? `${review.author.first_name} ${review.author.last_name}`.trim() : t.reviews.gone;
  return (
    <article className="stack-small review" aria-label={own ? t.reviews.yours : author}>
      <div className="row-tight">
        <Stars rating={review.rating} />
        {review.title !== "" && <h3>{review.title}</h3>}
      </div>
      <p className="small muted">
        {[
          own ? `${author} (${t.reviews.yours})` : author,
          day(review.created_at),
          ...(review.edited_at == null ? [] : [t.reviews.edited(day(review.edited_at))]),
        ].join(" · ")}
      </p>
      <p className="prewrap">{review.comment}</p>
      <div className="row">
        <Helpful review={review} author={author} mayVote={viewer.id !== null && !own} />
        {own && (
          <button type="button" className="button small-button" onClick={() => setEditing(true)}>
            {t.reviews.edit}
          </button>
        )}
        {(own || viewer.admin) && (
          <button
            type="button"
            className="button quiet danger small-button"
            disabled={remove.isPending}
            onClick={() => {
              if (window.confirm(t.reviews.deleteSure)) remove.mutate();
            }}
          >
            {t.reviews.delete}
          </button>
        )}
      </div>
      <ErrorNotice error={remove.error} />
      <Reply review={review} author={author} teacher={teacher} mayReply={viewer.teaches} />
    </article>
  );
}

/** How many find it helpful, and the reader's own word on it. */
function Helpful({ review, author, mayVote }: { review: Review; author: string; mayVote: boolean }) {
  const params = { path: { id: review.course_id, review_id: review.id } };
  const path = "/api/v1/courses/{id}/reviews/{review_id}/helpful" as const;
  const vote = useChange(
    () => call(review.found_helpful ? api.DELETE(path, { params }) : api.POST(path, { params })),
    ["reviews", review.course_id],
  );
  const { helpful_count: count } = review;
  if (!mayVote) return count > 0 && <span className="small muted">{t.reviews.helpfulCount(count)}</span>;
  return (
    <>
      <button
        type="button"
        className="button small-button toggle"
        aria-pressed={review.found_helpful}
        aria-label={t.reviews.helpfulLabel(count, author)}
        disabled={vote.isPending}
        onClick={() => vote.mutate()}
      >
        {t.reviews.helpful} ({count})
      </button>
      <ErrorNotice error={vote.error} />
    </>
  );
}
