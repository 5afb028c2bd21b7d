import { useId } from "react";

import type { Schemas } from "../api/client";
import { t } from "../text";
import { Select, TextArea, TextField } from "../ui/Field";
import { Icon } from "../ui/Icon";
import type { QuestionDraft } from "./draft";
import { MoveButtons, type Step } from "./MoveButtons";

const text = t.quiz;

/** Limits of the API: characters of a question or an explanation, of an option; options of a question. */
const WORDS_MAX = 2_000;
const OPTION_MAX = 500;
const OPTIONS_MAX = 10;

interface Props {
  question: QuestionDraft;
  /** Its place, from 0. */
  place: number;
  of: number;
  faults: Record<string, string>;
  onChange: (change: Partial<QuestionDraft>) => void;
  onMove: (step: Step) => void;
  onRemove: () => void;
}

/** A question to be written: what is asked, and what is right. */
export function QuestionFields({ question, place, of, faults, onChange, onMove, onRemove }: Props) {
  const { kind } = question;
  const n = place + 1;
  return (
    <fieldset className="question-fields stack">
      <legend className="visually-hidden">{text.question(n)}</legend>
      <div className="row">
        <strong className="grow">{text.question(n)}</strong>
        <MoveButtons label={{ up: text.up(n), down: text.down(n) }} place={place} first={place === 0} last={n === of} onMove={onMove} />
        {of > 1 && (
          <button type="button" className="button quiet danger small-button" aria-label={text.remove(n)} onClick={() => onRemove()}>
            {t.editor.remove}
          </button>
        )}
      </div>
      <TextArea
        label={text.questionText}
        required
        rows={2}
        maxLength={WORDS_MAX}
        value={question.text}
        error={faults.text}
        onChange={({ target }) => onChange({ text: target.value })}
      />
      <div className="fields">
        <Select
          label={text.kind}
          value={kind}
          onChange={({ target }) => onChange(withKind(question, target.value as Schemas["QuestionKind"]))}
        >
          {Object.entries(text.kinds).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        <TextField
          label={text.pointsLabel}
          required
          type="number"
          min={1}
          max={100}
          value={question.points}
          error={faults.points}
          onChange={({ target }) => onChange({ points: target.value })}
        />
      </div>
      {(kind === "single" || kind === "multiple") && <Options question={question} faults={faults} onChange={onChange} />}
      {kind === "numeric" && (
        <div className="fields">
          <TextField
            label={text.value}
            required
            type="number"
            step="any"
            value={question.value}
            error={faults["answer.value"]}
            onChange={({ target }) => onChange({ value: target.value })}
          />
          <TextField
            label={text.toleranceLabel}
            required
            type="number"
            step="any"
            min={0}
            value={question.tolerance}
            error={faults["answer.tolerance"]}
            onChange={({ target }) => onChange({ tolerance: target.value })}
          />
        </div>
      )}
      {kind === "short_text" && (
        <TextArea
          label={text.accepted}
          hint={text.acceptedHint}
          required
          rows={3}
          value={question.accepted}
          error={faults["answer.accepted"]}
          onChange={({ target }) => onChange({ accepted: target.value })}
        />
      )}
      <TextArea
        label={text.explanation}
        hint={text.explanationHint}
        rows={2}
        maxLength={WORDS_MAX}
        value={question.explanation}
        error={faults.explanation}
        onChange={({ target }) => onChange({ explanation: target.value })}
      />
    </fieldset>
  );
}

/** Another kind: one right option where one can be right, and at least two options to choose from. */
function withKind({ options, correct }: QuestionDraft, kind: Schemas["QuestionKind"]): Partial<QuestionDraft> {
  return {
    kind,
    correct: kind === "single" ? correct.slice(0, 1) : correct,
    options: options.length < 2 ? [...options, "", ""].slice(0, 2) : options,
  };
}

function Options({ question, faults, onChange }: Pick<Props, "question" | "faults" | "onChange">) {
  const name = useId();
  const { kind, options, correct } = question;
  const fault = faults.options ?? faults["answer.correct"];
  const press = (place: number) => {
    if (kind === "single") onChange({ correct: [place] });
    else onChange({ correct: correct.includes(place) ? correct.filter((one) => one !== place) : [...correct, place] });
  };
  const remove = (place: number) =>
    onChange({
      options: options.filter((_, at) => at !== place - 1),
      // Those behind it come one place nearer.
      correct: correct.filter((one) => one !== place).map((one) => (one > place ? one - 1 : one)),
    });
  return (
    <div className="stack-small" role="group" aria-label={text.options}>
      <strong>{text.options}</strong>
      {options.map((option, at) => (
        <div key={at} className="option-line">
          <input
            type={kind === "single" ? "radio" : "checkbox"}
            name={name}
            required={kind === "single"}
            checked={correct.includes(at + 1)}
            aria-label={text.isRight(at + 1)}
            onChange={() => press(at + 1)}
          />
          <span className="field grow">
            <input
              aria-label={text.option(at + 1)}
              required
              maxLength={OPTION_MAX}
              value={option}
              aria-invalid={fault === undefined ? undefined : true}
              onChange={({ target }) =>
                onChange({ options: options.map((one, other) => (other === at ? target.value : one)) })
              }
            />
          </span>
          {options.length > 2 && (
            <button
              type="button"
              className="button quiet danger small-button"
              aria-label={text.removeOption(at + 1)}
              onClick={() => remove(at + 1)}
            >
              <Icon name="cross" />
            </button>
          )}
        </div>
      ))}
      {fault !== undefined && <p className="field-error">{fault}</p>}
      <button
        type="button"
        className="button quiet small-button"
        disabled={options.length >= OPTIONS_MAX}
        onClick={() => onChange({ options: [...options, ""] })}
      >
        {text.addOption}
      </button>
    </div>
  );
}
