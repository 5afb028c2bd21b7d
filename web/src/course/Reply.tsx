import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { day } from "../lib/format";
import { t } from "../text";
import { TextArea } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { useForm } from "../ui/useForm";

/** Longest reply, in characters, as the API has it. */
const REPLY_MAX = 2_000;

interface Props {
  review: Schemas["ReviewView"];
  author: string;
  teacher: string;
  /** Whether the viewer teaches the course. */
  mayReply: boolean;
}

/** What the course's teacher answers to a review; the teacher himself writes it here. */
export function Reply({ review, author, teacher, mayReply }: Props) {
  const [writing, setWriting] = useState(false);
  const params = { path: { id: review.course_id, review_id: review.id } };
  const remove = useChange(
    () => call(api.DELETE("/api/v1/courses/{id}/reviews/{review_id}/reply", { params })),
    ["reviews", review.course_id],
  );
  const { reply } = review;
  if (writing) return <ReplyForm review={review} author={author} onDone={() => setWriting(false)} />;
  if (!reply) {
    if (!mayReply) return null;
    return (
      <button
        type="button"
        className="button small-button"
        aria-label={t.reviews.replyTo(author)}
        onClick={() => setWriting(true)}
      >
        {t.reviews.writeReply}
      </button>
    );
  }
  const when = day(reply.edited_at ?? reply.created_at);
  return (
    <div className="reply stack-small">
      <p className="small muted">
        <strong>{t.reviews.reply(teacher)}</strong> · {reply.edited_at == null ? when : t.reviews.edited(when)}
      </p>
      <p className="prewrap">{reply.comment}</p>
      {mayReply && (
        <div className="row">
          <button type="button" className="button small-button" onClick={() => setWriting(true)}>
            {t.reviews.editReply}
          </button>
          <button
            type="button"
            className="button quiet danger small-button"
            disabled={remove.isPending}
            onClick={() => {
              if (window.confirm(t.reviews.deleteReplySure)) remove.mutate();
            }}
          >
            {t.reviews.deleteReply}
          </button>
        </div>
      )}
      <ErrorNotice error={remove.error} />
    </div>
  );
}

function ReplyForm({ review, author, onDone }: { review: Props["review"]; author: string; onDone: () => void }) {
  const params = { path: { id: review.course_id, review_id: review.id } };
  const path = "/api/v1/courses/{id}/reviews/{review_id}/reply" as const;
  const send = useChange(
    async (body: { comment: string }) => {
      await (review.reply ? call(api.PATCH(path, { params, body })) : call(api.POST(path, { params, body })));
      onDone();
    },
    ["reviews", review.course_id],
  );
  const form = useForm({ comment: review.reply?.comment ?? "" }, send);
  return (
    <form className="reply stack" onSubmit={form.onSubmit} aria-label={t.reviews.replyTo(author)}>
      <ErrorNotice error={form.error} />
      <TextArea label={t.reviews.replyText} required autoFocus maxLength={REPLY_MAX} {...form.text("comment")} />
      <div className="row">
        <button type="submit" className="button primary" disabled={send.isPending}>
          {t.common.save}
        </button>
        <button type="button" className="button" onClick={() => onDone()}>
          {t.common.cancel}
        </button>
      </div>
    </form>
  );
}
