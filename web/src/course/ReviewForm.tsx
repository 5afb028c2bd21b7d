import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { TextArea, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { StarInput } from "../ui/Stars";
import { useForm } from "../ui/useForm";

/** Longest title and comment, in characters, as the API has them. */
const TITLE_MAX = 255;
const COMMENT_MAX = 5_000;

type Review = Schemas["ReviewView"];

interface Props {
  courseId: string;
  /** The review that is changed; a new one is written where there is none. */
  review?: Review;
  onDone: () => void;
}

/** Writes a review, or changes one. */
export function ReviewForm({ courseId, review, onDone }: Props) {
  const send = useChange(
    async (body: { rating: number; title: string; comment: string }) => {
      const path = { id: courseId };
      await (review === undefined
        ? call(api.POST("/api/v1/courses/{id}/reviews", { params: { path }, body }))
        : call(
            api.PATCH("/api/v1/courses/{id}/reviews/{review_id}", {
              params: { path: { ...path, review_id: review.id } },
              body,
            }),
          ));
      onDone();
    },
    ["reviews", courseId],
    // Its average.
    ["course"],
  );
  const initial = { rating: review?.rating ?? 0, title: review?.title ?? "", comment: review?.comment ?? "" };
  const form = useForm(initial, send);
  return (
    <form className="card stack" onSubmit={form.onSubmit} aria-label={review ? t.reviews.yours : t.reviews.write}>
      <h3>{review ? t.reviews.yours : t.reviews.write}</h3>
      <ErrorNotice error={form.error} />
      <StarInput
        label={t.reviews.stars}
        value={form.values.rating}
        error={form.fields.rating}
        onChange={(rating) => form.set({ rating })}
      />
      <TextField label={t.reviews.heading} maxLength={TITLE_MAX} {...form.text("title")} />
      <TextArea label={t.reviews.comment} required maxLength={COMMENT_MAX} {...form.text("comment")} />
      <div className="row">
        <button type="submit" className="button primary" disabled={send.isPending}>
          {review ? t.common.save : t.reviews.send}
        </button>
        <button type="button" className="button" onClick={() => onDone()}>
          {t.common.cancel}
        </button>
      </div>
    </form>
  );
}
