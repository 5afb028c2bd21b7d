import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "react-router";

import { PAGE_SIZE } from "../api/catalogue";
import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { changed } from "./address";
import { CourseCard } from "./CourseCard";
import { Pager } from "./Pager";

const text = t.catalogue;

interface Props {
  address: URLSearchParams;
  list: UseQueryResult<Schemas["CoursePage"]>;
  highlights: Map<string, Schemas["Highlighted"]>;
  /** Whether anything narrows the list. */
  narrowed: boolean;
  /** A course is opened; with its place in the whole list, from 1. */
  onOpen: (course: string, position: number) => void;
}

/** The courses of a page of the catalogue, or why there are none. */
export function Results({ address, list, highlights, narrowed, onOpen }: Props) {
  if (list.error !== null) {
    // What is wrong with the address stays wrong.
    const wrong = ApiError.from(list.error).status === 422 || ApiError.from(list.error).status === 400;
    return (
      <>
        <ErrorNotice error={list.error} {...(!wrong && { onRetry: () => void list.refetch() })} />
        {wrong && (
          <Link className="button" to="/">
            {text.startAnew}
          </Link>
        )}
      </>
    );
  }
  if (list.data === undefined) return <Loading />;
  const { results, count, total_pages: pages, current_page: page } = list.data;
  const href = (to: number) => `?${changed(address, { page: to > 1 ? String(to) : null }).toString()}`;
  if (results.length === 0) return <Nothing narrowed={narrowed} lastPage={count > 0 ? href(pages) : null} />;
  return (
    <div className="stack" aria-busy={list.isPlaceholderData}>
      <ul className="cards cards-narrow">
        {results.map((course, at) => (
          <li key={course.id}>
            <CourseCard
              course={course}
              highlights={highlights.get(course.id)}
              onOpen={() => onOpen(course.id, (page - 1) * PAGE_SIZE + at + 1)}
            />
          </li>
        ))}
      </ul>
      <Pager page={page} of={pages} href={href} />
    </div>
  );
}

function Nothing({ narrowed, lastPage }: { narrowed: boolean; lastPage: string | null }) {
  if (lastPage !== null) {
    return (
      <div className="empty">
        <h2>{text.beyond}</h2>
        <Link className="button primary" to={lastPage}>
          {text.toLast}
        </Link>
      </div>
    );
  }
  if (!narrowed) {
    return (
      <div className="empty">
        <h2>{text.empty}</h2>
        <p className="muted">{text.emptyHint}</p>
      </div>
    );
  }
  return (
    <div className="empty">
      <h2>{text.nothing}</h2>
      <p className="muted">{text.nothingHint}</p>
      <Link className="button" to="/">
        {text.startAnew}
      </Link>
    </div>
  );
}

/** How many courses there are, said again whenever that changes. */
export function Found({ count, search }: { count: number | undefined; search: string }) {
  const said = count === undefined ? "" : text.count(count);
  return (
    <p className="muted" role="status">
      {said !== "" && search !== "" ? text.foundFor(said, search) : said}
    </p>
  );
}
