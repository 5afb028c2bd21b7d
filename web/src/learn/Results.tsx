import type { Schemas } from "../api/client";
import { moment } from "../lib/format";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { answerText, solutionText } from "./answers";

type Attempt = Schemas["AttemptView"];

interface Props {
  quiz: Schemas["QuizView"];
  attempt: Attempt;
  /** What is right, once that is told. */
  solutions: Schemas["QuestionSolution"][] | null;
}

/** What was right of an attempt, question by question. */
export function Results({ quiz, attempt, solutions }: Props) {
  // The answers were to other questions.
  if (attempt.quiz_version !== quiz.version) return null;
  return (
    <section className="stack" aria-labelledby="results">
      <h2 id="results">{t.quiz.results}</h2>
      <ol className="plain stack">
        {quiz.questions.map((question, at) => {
          const outcome = attempt.results.find((one) => one.question === at + 1);
          const answer = attempt.answers.find((one) => one.question === at + 1);
          const solution = solutions?.[at];
          const right = outcome?.correct === true;
          return (
            <li key={at} className="card stack-small">
              <p className="prewrap question-text">{question.text}</p>
              <p className="row-tight">
                <span className={right ? "tag tag-good" : "tag tag-bad"}>{right ? t.quiz.right : t.quiz.wrong}</span>
                <span className={right ? "icon-done" : "icon-wrong"}>
                  <Icon name={right ? "check" : "cross"} />
                </span>
                {answerText(question, answer)}
              </p>
              {solution !== undefined && !right && <p>{t.quiz.solution(solutionText(question, solution))}</p>}
              {solution?.explanation && <p className="small muted prewrap">{solution.explanation}</p>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** All attempts, the oldest first. */
export function Attempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length < 2) return null;
  return (
    <section className="stack-small" aria-labelledby="attempts">
      <h2 id="attempts" className="small">
        {t.quiz.history}
      </h2>
      <ul className="small muted">
        {attempts.map((attempt, at) => (
          <li key={attempt.id}>{t.quiz.attempt(at + 1, moment(attempt.created_at), attempt.percent)}</li>
        ))}
      </ul>
    </section>
  );
}
