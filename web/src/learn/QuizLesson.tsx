import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { quizAttempts } from "../api/queries";
import { useChange } from "../api/useChange";
import { useAuth } from "../auth/useAuth";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { takeFocus } from "../ui/takeFocus";
import { type Answers, handedIn } from "./answers";
import { Question } from "./Question";
import { Attempts, Results } from "./Results";

type Quiz = Schemas["QuizView"];

interface Props {
  courseId: string;
  lessonId: string;
  quiz: Quiz;
}

/** A quiz to be taken, or how it went. */
export function QuizLesson(props: Props) {
  const { signedIn } = useAuth();
  const { pathname } = useLocation();
  const { quiz } = props;
  return (
    <section className="stack" aria-label={t.learn.kinds.quiz}>
      <p className="muted">{t.quiz.rules(quiz.questions.length, quiz.pass_percent)}</p>
      {signedIn ? (
        <OwnQuiz {...props} />
      ) : (
        <p>
          <Link className="button primary" to={`/login?next=${encodeURIComponent(pathname)}`}>
            {t.quiz.login}
          </Link>
        </p>
      )}
    </section>
  );
}

function OwnQuiz({ courseId, lessonId, quiz }: Props) {
  const attempts = useQuery(quizAttempts(courseId, lessonId));
  const [trying, setTrying] = useState(false);
  const hand = useChange(
    ({ answers, key }: { answers: Answers; key: string }) =>
      call(
        api.POST("/api/v1/courses/{id}/lessons/{lesson_id}/quiz-attempts", {
          params: { path: { id: courseId, lesson_id: lessonId }, header: { "Idempotency-Key": key } },
          body: { quiz_version: quiz.version, answers: handedIn(answers) },
        }),
      ),
    quizAttempts(courseId, lessonId).queryKey,
    // Its questions, where they have changed.
    ["lesson", courseId, lessonId],
    // Whether it is done.
    ["enrollment"],
    ["enrollments"],
  );
  if (attempts.isPending) return <Loading />;
  if (attempts.error !== null) return <ErrorNotice error={attempts.error} onRetry={() => void attempts.refetch()} />;
  const { attempts_left: left, passed, results, solutions } = attempts.data;
  const last = results.at(-1);
  const mayTry = left > 0 && !passed;
  const changed = hand.error !== null && ApiError.from(hand.error).code === "QUIZ_CHANGED";
  return (
    <>
      {changed && (
        <Notice>
          <p>{t.quiz.changed}</p>
        </Notice>
      )}
      {!changed && <ErrorNotice error={hand.error} />}
      {mayTry && (trying || last === undefined) ? (
        <AnswerForm
          key={quiz.version}
          quiz={quiz}
          left={left}
          busy={hand.isPending}
          onHandIn={(answers, key) => hand.mutate({ answers, key }, { onSuccess: () => setTrying(false) })}
        />
      ) : (
        last !== undefined && (
          <div className="stack" ref={hand.isSuccess ? takeFocus : undefined} tabIndex={-1}>
            <Notice kind={last.passed ? "good" : "info"}>
              <p>{(last.passed ? t.quiz.passed : t.quiz.failed)(last.percent)}</p>
              {!passed && <p>{t.quiz.attemptsLeft(left)}</p>}
            </Notice>
            <Results quiz={quiz} attempt={last} solutions={solutions ?? null} />
            {mayTry && (
              <div>
                <button type="button" className="button primary" onClick={() => setTrying(true)}>
                  {t.quiz.again}
                </button>
              </div>
            )}
          </div>
        )
      )}
      <Attempts attempts={results} />
    </>
  );
}

/** What is filled in, and the name of the request that would hand it in. */
interface Filled {
  answers: Answers;
  key: string;
}

interface AnswerFormProps {
  quiz: Quiz;
  left: number;
  busy: boolean;
  onHandIn: (answers: Answers, key: string) => void;
}

function AnswerForm({ quiz, left, busy, onHandIn }: AnswerFormProps) {
  // The same answers are the same request: sent again after a lost answer, they are no second attempt.
  const [{ answers, key }, setState] = useState<Filled>(() => ({ answers: {}, key: crypto.randomUUID() }));
  const set = (place: number, answer: Answers[number]) =>
    setState({ answers: { ...answers, [place]: answer }, key: crypto.randomUUID() });
  const open = quiz.questions.length - handedIn(answers).length;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (open === 0 || window.confirm(t.quiz.unanswered(open))) onHandIn(answers, key);
      }}
    >
      {quiz.questions.map((question, at) => (
        <Question
          key={at}
          place={at + 1}
          question={question}
          answer={answers[at + 1]}
          onChange={(answer) => set(at + 1, answer)}
        />
      ))}
      <div className="row">
        <button type="submit" className="button primary" disabled={busy}>
          {t.quiz.submit}
        </button>
        <span className="small muted">{t.quiz.attemptsLeft(left)}</span>
      </div>
    </form>
  );
}
