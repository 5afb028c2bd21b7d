import { t } from "../text";
import { TextField } from "../ui/Field";
import { newQuestion, type QuizDraft } from "./draft";
import { moved } from "./MoveButtons";
import { QuestionFields } from "./QuestionFields";

/** Questions of a quiz, as the API has it. */
const QUESTIONS_MAX = 100;

interface Props {
  quiz: QuizDraft;
  /** What the API says of fields, by their path in the request. */
  faults: Record<string, string>;
  onChange: (quiz: QuizDraft) => void;
}

/** The questions of a quiz and its rules. */
export function QuizFields({ quiz, faults, onChange }: Props) {
  const { questions } = quiz;
  const set = (change: Partial<QuizDraft>) => onChange({ ...quiz, ...change });
  const add = () => set({ questions: [...questions, newQuestion(Math.max(-1, ...questions.map(({ id }) => id)) + 1)] });
  return (
    <div className="stack" role="group" aria-label={t.quiz.editor}>
      <div className="fields">
        <TextField
          label={t.quiz.passPercent}
          required
          type="number"
          min={1}
          max={100}
          value={quiz.pass_percent}
          error={faults["quiz.pass_percent"]}
          onChange={({ target }) => set({ pass_percent: target.value })}
        />
        <TextField
          label={t.quiz.attemptsMax}
          required
          type="number"
          min={1}
          max={20}
          value={quiz.attempts_max}
          error={faults["quiz.attempts_max"]}
          onChange={({ target }) => set({ attempts_max: target.value })}
        />
      </div>
      {questions.map((question, place) => (
        <QuestionFields
          key={question.id}
          place={place}
          of={questions.length}
          question={question}
          faults={faultsOf(faults, place)}
          onChange={(change) =>
            set({ questions: questions.map((one) => (one === question ? { ...question, ...change } : one)) })
          }
          onMove={(step) => set({ questions: moved(questions, place, step) })}
          onRemove={() => set({ questions: questions.filter((one) => one !== question) })}
        />
      ))}
      {faults["quiz.questions"] && <p className="field-error">{faults["quiz.questions"]}</p>}
      <div>
        <button type="button" className="button small-button" disabled={questions.length >= QUESTIONS_MAX} onClick={add}>
          {t.quiz.add}
        </button>
      </div>
    </div>
  );
}

/** What is said of one question, by its own fields. */
function faultsOf(faults: Record<string, string>, place: number): Record<string, string> {
  const prefix = `quiz.questions[${place}].`;
  const own = Object.entries(faults).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, fault]) => [name.slice(prefix.length), fault]));
}
