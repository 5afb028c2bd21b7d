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

/** A label, a control, its hint and what is wrong with it, tied together for screen readers. */
function Field({
  label,
  hint,
  error,
  optional = false,
  children,
}: Common & {
  children: (ids: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": true | undefined;
  }) => ReactNode;
}) {
  const id = useId();
  const notes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} {optional && <span className="muted">({t.common.optional})</span>}
      </label>
      {children({ id, "aria-describedby": notes || undefined, "aria-invalid": error ? true : undefined })}
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
    </div>
  );
}

/** A line of text, a number, a password. */
export function TextField({ label, hint, error, optional, ...input }: Common & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional ?? input.required !== true}>
      {(ids) => <input {...input} {...ids} />}
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
export function Checkbox({ label, hint, ...input }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="checkbox">
      <input type="checkbox" id={id} aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p className="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
