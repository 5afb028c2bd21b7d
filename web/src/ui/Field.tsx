import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";

import { t } from "../text";

interface Common {
  label: string;
  /** Whether it says that it may stay empty; it does unless it is required. */
  optional?: boolean;
  hint?: string | undefined;
  error?: string | undefined;
}

/** What ties a control to its hint and to what is wrong with it, for screen readers. */
function attributes(id: string, { hint, error }: Pick<Common, "hint" | "error">) {
  const notes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return { id, "aria-describedby": notes || undefined, "aria-invalid": error ? (true as const) : undefined };
}

function Notes({ id, hint, error }: { id: string } & Pick<Common, "hint" | "error">) {
  return (
    <>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </>
  );
}

/** A label, a control, its hint and what is wrong with it. */
function Field({
  label,
  hint,
  error,
  optional = false,
  children,
}: Common & { children: (ids: ReturnType<typeof attributes>) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} {optional && <span className="muted">({t.common.optional})</span>}
      </label>
      {children(attributes(id, { hint, error }))}
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

/** A line of text, a number, a password. */
export function TextField({
  label,
  hint,
  error,
  optional,
  action,
  ...input
}: Common & InputHTMLAttributes<HTMLInputElement> & {
    /** A button at the end of the line. */
    action?: { text: string; label: string; onPress: () => void };
  }) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? input.required !== true}>
      {(ids) =>
        action === undefined ? (
          <input {...input} {...ids} />
        ) : (
          <div className="field-with-action">
            <input {...input} {...ids} />
            <button type="button" className="field-action" aria-label={action.label} onClick={() => action.onPress()}>
              {action.text}
            </button>
          </div>
        )
      }
    </Field>
  );
}

/** Some lines of text. */
export function TextArea({
  label,
  hint,
  error,
  optional,
  ...area
}: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? area.required !== true}>
      {(ids) => <textarea rows={4} {...area} {...ids} />}
    </Field>
  );
}

/** One of a few. */
export function Select({
  label,
  hint,
  error,
  optional = false,
  children,
  ...select
}: Common & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(ids) => (
        <select {...select} {...ids}>
          {children}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function Checkbox({
  label,
  hint,
  error,
  ...input
}: Pick<Common, "hint" | "error"> & { label: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="checkbox">
      <input type="checkbox" {...input} {...attributes(id, { hint, error })} />
      <div>
        <label htmlFor={id}>{label}</label>
        <Notes id={id} hint={hint} error={error} />
      </div>
    </div>
  );
}
