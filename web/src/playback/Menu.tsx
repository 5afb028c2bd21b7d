import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

interface Option {
  value: number;
  label: string;
}

interface Props {
  label: string;
  /** What the button shows: the choice in short. */
  shown: string;
  options: Option[];
  chosen: number;
  onChoose: (value: number) => void;
}

/** A button that opens a list of which one is chosen (ARIA's menu button with radio items). */
export function Menu({ label, shown, options, chosen, onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const checked = root.current?.querySelector<HTMLElement>('[aria-checked="true"]');
    (checked ?? items(root.current)[0])?.focus();
    const onOutside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", onOutside);
    return () => document.removeEventListener("pointerdown", onOutside);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  const onKey = (event: KeyboardEvent) => {
    const list = items(root.current);
    const at = list.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 };
    const move = moves[event.key];
    // The player's own keys must not act while the menu has the focus.
    if (event.key !== "Tab") event.stopPropagation();
    if (event.key === "Escape") {
      close();
      return;
    }
    if (event.key === "Tab") {
      setOpen(false);
      return;
    }
    if (move === undefined) return;
    event.preventDefault();
    list.at(move % list.length)?.focus();
  };

  return (
    <div className="menu" ref={root}>
      <button
        type="button"
        className="control control-text"
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={`${label}: ${shown}`}
        title={label}
        onClick={() => setOpen((now) => !now)}
      >
        {shown}
      </button>
      {open && (
        <div className="menu-list" role="menu" id={id} aria-label={label} onKeyDown={onKey}>
          {options.map((option) => (
            <button
              type="button"
              role="menuitemradio"
              key={option.value}
              tabIndex={-1}
              aria-checked={option.value === chosen}
              onClick={() => {
                onChoose(option.value);
                close();
              }}
            >
              {option.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function items(root: HTMLElement | null): HTMLElement[] {
  return Array.from(root?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? []);
}
