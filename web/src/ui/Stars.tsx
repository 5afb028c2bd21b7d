import { useId } from "react";

import { t } from "../text";

const STARS = [1, 2, 3, 4, 5];

/** A star of five points, which as a path serves for full, empty and partly full ones. */
const STAR = "M12 2.5l2.9 6.2 6.6.8-4.9 4.6 1.3 6.7L12 17.5l-5.9 3.3 1.3-6.7L2.5 9.5l6.6-.8z";

/** A rating as stars, said in a word to who can't see them. */
export function Stars({ rating }: { rating: number }) {
  const id = useId();
  return (
    <span className="stars" role="img" aria-label={t.catalogue.stars(rating.toFixed(1))}>
      <svg viewBox="0 0 120 24" aria-hidden="true" focusable="false">
        <clipPath id={id}>
          <rect width={(rating / 5) * 120} height={24} />
        </clipPath>
        {STARS.map((n) => (
          <path key={n} d={STAR} transform={`translate(${(n - 1) * 24} 0)`} className="star-empty" />
        ))}
        <g clipPath={`url(#${id})`}>
          {STARS.map((n) => (
            <path key={n} d={STAR} transform={`translate(${(n - 1) * 24} 0)`} className="star-full" />
          ))}
        </g>
      </svg>
    </span>
  );
}

/** Stars to be chosen. */
export function StarInput({
  label,
  value,
  error,
  onChange,
}: {
  label: string;
  /** 0 while none is chosen. */
  value: number;
  error?: string | undefined;
  onChange: (stars: number) => void;
}) {
  const id = useId();
  return (
    <fieldset className="checks" aria-describedby={error && `${id}-error`}>
      <legend>{label}</legend>
      <div className="star-input">
        {STARS.map((n) => (
          <label key={n} className={n <= value ? "star-full" : "star-empty"}>
            <input
              type="radio"
              name={id}
              required
              className="file-input"
              checked={n === value}
              aria-label={t.reviews.star(n)}
              onChange={() => onChange(n)}
            />
            <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
              <path d={STAR} />
            </svg>
          </label>
        ))}
      </div>
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
