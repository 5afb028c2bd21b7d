import { useId } from "react";

import { t } from "../text";
import { TextField } from "../ui/Field";
import type { Answers, Asked } from "./answers";

/** Longest text of an answer, in characters, as the API has it. */
const ANSWER_MAX = 500;

interface Props {
  /** Its place, from 1. */
  place: number;
  question: Asked;
  answer: Answers[number] | undefined;
  onChange: (answer: Answers[number]) => void;
}

/** A question with what can be answered. */
export function Question({ place, question, answer, onChange }: Props) {
  const { text, points, kind } = question;
  return (
    <fieldset className="card checks question">
      <legend>
        <span className="small muted">
          {t.quiz.question(place)} · {t.quiz.points(points)}
        </span>
      </legend>
      <p className="prewrap question-text">{text}</p>
      {(kind === "single" || kind === "multiple") && (
        <Options question={question} chosen={answer?.choices ?? []} onChoose={(choices) => onChange({ choices })} />
      )}
      {kind === "numeric" && (
        <TextField
          label={t.quiz.number}
          optional={false}
          type="number"
          step="any"
          inputMode="decimal"
          value={answer?.number ?? ""}
          onChange={({ target }) => onChange(target.value === "" ? {} : { number: Number(target.value) })}
        />
      )}
      {kind === "short_text" && (
        <TextField
          label={t.quiz.text}
          optional={false}
          maxLength={ANSWER_MAX}
          autoComplete="off"
          value={answer?.text ?? ""}
          onChange={({ target }) => onChange({ text: target.value })}
        />
      )}
    </fieldset>
  );
}

function Options({
  question: { options = [], kind },
  chosen,
  onChoose,
}: {
  question: Asked;
  /** Places, from 1. */
  chosen: number[];
  onChoose: (places: number[]) => void;
}) {
  const id = useId();
  const several = kind === "multiple";
  const pressed = (place: number): number[] => {
    if (!several) return [place];
    const others = chosen.filter((other) => other !== place);
    return others.length < chosen.length ? others : [...chosen, place].sort((a, b) => a - b);
  };
  return (
    <div className="stack-small">
      {several && <p className="hint">{t.quiz.several}</p>}
      {options.map((option, at) => (
        <div key={at} className="checkbox">
          <input
            id={`${id}-${at}`}
            name={id}
            type={several ? "checkbox" : "radio"}
            checked={chosen.includes(at + 1)}
            onChange={() => onChoose(pressed(at + 1))}
          />
          <label className="option" htmlFor={`${id}-${at}`}>
            {option}
          </label>
        </div>
      ))}
    </div>
  );
}
