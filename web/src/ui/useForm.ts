import { type ChangeEvent, type SubmitEvent, useState } from "react";

import { ApiError } from "../api/errors";

/** What sends a form; every mutation of TanStack Query is one. */
export interface Send<Values> {
  error: Error | null;
  isPending: boolean;
  isSuccess: boolean;
  reset: () => void;
  mutate: (values: Values, options?: { onError?: () => void }) => void;
}

type Names<Values, Kind> = { [Name in keyof Values]: Values[Name] extends Kind ? Name : never }[keyof Values] & string;
type Change = ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>;

/**
 * What a form holds, what is wrong with it, and how it is sent. The API's word on a field is shown beside that field, and the
 * first such field gets the focus; `error` is what is left, for a notice. A change takes the outcome of the last sending away.
 */
export function useForm<Values extends object>(initial: Values, send: Send<Values>) {
  const [values, setValues] = useState(initial);
  const error = send.error === null ? null : ApiError.from(send.error);
  const fields = error?.fields ?? {};
  const set = (change: Partial<Values>) => {
    send.reset();
    setValues((now) => ({ ...now, ...change }));
  };
  return {
    values,
    set,
    error: error?.without(Object.keys(values)) ?? null,
    fields,
    /** Attributes of a text field, a text area or a select. */
    text: <Name extends Names<Values, string>>(name: Name) => ({
      name,
      value: values[name] as string,
      error: fields[name],
      onChange: (event: Change) => set({ [name]: event.target.value } as unknown as Partial<Values>),
    }),
    /** Attributes of a checkbox. */
    checkbox: <Name extends Names<Values, boolean>>(name: Name) => ({
      name,
      checked: values[name] as boolean,
      error: fields[name],
      onChange: (event: ChangeEvent<HTMLInputElement>) =>
        set({ [name]: event.target.checked } as unknown as Partial<Values>),
    }),
    onSubmit: (event: SubmitEvent<HTMLFormElement>) => {
      event.preventDefault();
      const form = event.currentTarget;
      const toFirstInvalid = () => form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
      send.mutate(values, { onError: () => void requestAnimationFrame(toFirstInvalid) });
    },
  };
}
