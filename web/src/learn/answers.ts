import type { Schemas } from "../api/client";
import { t } from "../text";

export type Answer = Schemas["QuizAnswer"];
export type Asked = Schemas["AskedQuestion"];
type Solution = Schemas["QuestionSolution"];

/** What is filled in, by the place of the question, from 1. */
export type Answers = Record<number, Omit<Answer, "question">>;

/** Whether something was answered. */
function isGiven({ choices, number, text }: Omit<Answer, "question">): boolean {
  return (choices?.length ?? 0) > 0 || typeof number === "number" || (text ?? "").trim() !== "";
}

/** What is handed in: the questions that have an answer. */
export function handedIn(answers: Answers): Answer[] {
  const given = Object.entries(answers).filter(([, answer]) => isGiven(answer));
  return given.map(([question, answer]) => ({ question: Number(question), ...answer }));
}

/** An answer in words. */
export function answerText(asked: Asked, answer: Answer | undefined): string {
  if (answer === undefined) return "–";
  if (answer.choices) return answer.choices.map((place) => asked.options?.[place - 1] ?? "").join(", ");
  return String(answer.number ?? answer.text ?? "–");
}

/** What is right, in words. */
export function solutionText(asked: Asked, { answer }: Solution): string {
  switch (answer.kind) {
    case "single":
      return asked.options?.[answer.correct - 1] ?? "";
    case "multiple":
      return answer.correct.map((place) => asked.options?.[place - 1] ?? "").join(", ");
    case "numeric":
      return t.quiz.tolerance(answer.value, answer.tolerance ?? 0);
    case "short_text":
      return answer.accepted.join(" / ");
  }
}
