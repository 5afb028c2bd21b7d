import { Link } from "react-router";

import { t } from "../text";

/** The way to the other pages of a list. */
export function Pager({ page, of, href }: { page: number; of: number; href: (page: number) => string }) {
  if (of <= 1) return null;
  const text = t.catalogue;
  return (
    <nav className="row pager" aria-label={text.pages}>
      {page > 1 && (
        <Link className="button" to={href(page - 1)} rel="prev">
          {text.previous}
        </Link>
      )}
      <span className="muted">{text.page(page, of)}</span>
      {page < of && (
        <Link className="button" to={href(page + 1)} rel="next">
          {text.next}
        </Link>
      )}
    </nav>
  );
}
