import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type SubmitEvent, useId, useRef, useState } from "react";

import { suggestions } from "../api/catalogue";
import type { Schemas } from "../api/client";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { useDebounced } from "../ui/useDebounced";
import { Marked } from "./Marked";

export type Suggestion = Schemas["SuggestedItem"];

/** How long nothing is typed before suggestions are asked for, in milliseconds. */
const PAUSE_MS = 150;
/** Longest text that is looked for, as the API has it. */
const TEXT_MAX = 200;

interface Props {
  /** What is looked for now. */
  text: string;
  onSearch: (text: string) => void;
  onChoose: (suggestion: Suggestion) => void;
}

/** A search field with suggestions: a combobox of the ARIA Authoring Practices, with a list that the arrow keys go through. */
export function SearchBox({ text, onSearch, onChoose }: Props) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(text);
  const [shown, setShown] = useState(text);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  // Somebody went back, or followed a link to another search.
  if (shown !== text) {
    setShown(text);
    setTyped(text);
  }

  const settled = useDebounced(typed.trim(), PAUSE_MS);
  const asked = useQuery({ ...suggestions(settled), enabled: open && settled !== "" });
  const options = open && typed.trim() !== "" && settled !== "" ? (asked.data?.results ?? []) : [];
  const expanded = options.length > 0;
  const optionId = (at: number) => `${id}-${at}`;

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const choose = (suggestion: Suggestion) => {
    close();
    onChoose(suggestion);
  };
  const search = (wanted: string) => {
    close();
    onSearch(wanted.trim());
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const chosen = options[active];
    if (chosen === undefined) search(typed);
    else choose(chosen);
  };
  const move = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setOpen(true);
      // One place more than there are options: the field itself, with what was typed.
      const places = options.length + 1;
      setActive((now) => ((now + 1 + step + places) % places) - 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (expanded) close();
      else setTyped("");
    }
  };

  return (
    <>
      <form role="search" className="search-form" onSubmit={submit}>
        <label className="visually-hidden" htmlFor={id}>
          {t.catalogue.search}
        </label>
        <div className="search-field">
          <input
            ref={field}
            id={id}
            type="text"
            role="combobox"
            inputMode="search"
            enterKeyHint="search"
            autoComplete="off"
            maxLength={TEXT_MAX}
            placeholder={t.catalogue.searchHint}
            aria-expanded={expanded}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={expanded && active >= 0 ? optionId(active) : undefined}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setOpen(true);
              setActive(-1);
            }}
            onKeyDown={move}
            onBlur={close}
          />
          {typed !== "" && (
            <button
              type="button"
              className="search-clear"
              aria-label={t.catalogue.clear}
              onClick={() => {
                setTyped("");
                field.current?.focus();
                if (text !== "") search("");
              }}
            >
              <Icon name="cross" />
            </button>
          )}
          <ul
            id={`${id}-list`}
            role="listbox"
            aria-label={t.catalogue.suggestions}
            className="suggestions"
            hidden={!expanded}
            // A press would take the focus from the field, and close the list before it is a click.
            onMouseDown={(event) => event.preventDefault()}
          >
            {options.map((option, at) => (
              <li
                key={`${option.kind} ${option.id}`}
                id={optionId(at)}
                role="option"
                aria-selected={at === active}
                onClick={() => choose(option)}
                onMouseMove={() => setActive(at)}
              >
                <span>
                  <Marked html={option.highlighted} />
                </span>
                <span className="small muted">{t.catalogue.kinds[option.kind]}</span>
              </li>
            ))}
          </ul>
        </div>
        <button type="submit" className="button primary">
          {t.catalogue.submit}
        </button>
      </form>
      <p className="visually-hidden" role="status">
        {expanded && t.catalogue.suggested(options.length)}
      </p>
    </>
  );
}
