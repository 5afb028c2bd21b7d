import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { t } from "../text";
import { Marked } from "./Marked";
import { searchAddress } from "./search";

type Found = Schemas["SearchAnswer"];
type Kind = Schemas["SuggestedItem"]["kind"];

/** Things of another kind that are shown at most, of each. */
const MOST = 4;

/** What a search has found beside courses. */
export function AlsoFound({ found, onOpen }: { found: Found; onOpen: (kind: Kind, id: string, position: number) => void }) {
  const categories = (found.categories?.results ?? []).slice(0, MOST);
  const teachers = (found.instructors?.results ?? []).slice(0, MOST);
  const some = [
    ...categories.map((one, at) => ({ ...one, kind: "category" as const, at })),
    ...teachers.map((one, at) => ({ ...one, kind: "instructor" as const, at, slug: "" })),
  ];
  if (some.length === 0) return null;
  return (
    <section className="row" aria-labelledby="also-found">
      <h2 id="also-found" className="small muted">
        {t.catalogue.alsoFound}
      </h2>
      <ul className="plain row">
        {some.map(({ kind, id, slug, highlights, at }) => (
          <li key={id}>
            <Link
              className="chip"
              to={searchAddress({ kind, id, slug, title: "" })}
              onClick={() => onOpen(kind, id, at + 1)}
            >
              <span>
                <Marked html={highlights.title} />
              </span>
              <span className="small muted">{t.catalogue.kinds[kind]}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
