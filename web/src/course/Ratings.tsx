import type { Schemas } from "../api/client";
import { t } from "../text";
import { Stars } from "../ui/Stars";

type Star = 1 | 2 | 3 | 4 | 5;
const STARS: Star[] = [5, 4, 3, 2, 1];

interface Props {
  summary: Schemas["RatingSummary"];
  /** The stars whose reviews are shown; `null` for all. */
  chosen: number | null;
  onChoose: (stars: number | null) => void;
}

/** The average, and how many reviews gave how many stars; a line shows only those. */
export function Ratings({ summary, chosen, onChoose }: Props) {
  const { count, rating, distribution } = summary;
  return (
    <div className="card ratings">
      <div className="stack-small ratings-average">
        <strong className="ratings-number">{rating.toFixed(1)}</strong>
        <Stars rating={rating} />
        <span className="small muted">{t.reviews.count(count)}</span>
      </div>
      <ul className="plain ratings-lines" aria-label={t.reviews.distribution}>
        {STARS.map((stars) => {
          const n = distribution[stars];
          return (
            <li key={stars}>
              <button
                type="button"
                className="ratings-line"
                aria-pressed={chosen === stars}
                aria-label={t.reviews.line(stars, n)}
                onClick={() => onChoose(chosen === stars ? null : stars)}
              >
                <span>{stars}</span>
                <span className="ratings-bar">
                  <span style={{ width: `${count === 0 ? 0 : (n / count) * 100}%` }} />
                </span>
                <span className="small muted">{count === 0 ? 0 : Math.round((n / count) * 100)} %</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
