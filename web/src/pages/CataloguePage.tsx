import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";

import { categories as categoriesQuery, courseList, found as foundQuery, popularSearches } from "../api/catalogue";
import type { Schemas } from "../api/client";
import { changed, chipsOf, queryOf } from "../catalogue/address";
import { AlsoFound } from "../catalogue/AlsoFound";
import { Filters } from "../catalogue/Filters";
import { Found, Results } from "../catalogue/Results";
import { noteClick, searchAddress } from "../catalogue/search";
import { SearchBox } from "../catalogue/SearchBox";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { Notice } from "../ui/Notice";
import { Page } from "../ui/Page";

const text = t.catalogue;

/** The published courses: searched, narrowed, ordered. All of that is in the address. */
export function CataloguePage() {
  const [address, setAddress] = useSearchParams();
  const navigate = useNavigate();
  const query = queryOf(address);
  const search = address.get("search") ?? "";
  const list = useQuery(courseList(query));
  const categories = useQuery(categoriesQuery).data?.results ?? [];
  const searched = useFound(search, Number(address.get("page") ?? 1));

  const teacher = list.data?.results[0]?.instructor;
  const chips = chipsOf(address, {
    category: (value) => categories.find(({ slug }) => slug === value)?.name ?? value,
    teacher: teacher === undefined ? null : `${teacher.first_name} ${teacher.last_name}`.trim(),
  });
  // Where the list begins stays where it is while filters change.
  const go = (next: URLSearchParams) => setAddress(next, { preventScrollReset: true });
  const open = (kind: Schemas["ResultClick"]["kind"], id: string, position: number) => {
    if (searched.queryId !== null) noteClick({ query_id: searched.queryId, kind, id, position });
  };
  return (
    <Page title={text.title} lead={text.lead} width="wide">
      <div className="stack">
        <SearchBox
          text={search}
          onSearch={(wanted) => go(changed(address, { search: wanted, ordering: null }))}
          onChoose={(suggestion) => void navigate(searchAddress(suggestion))}
        />
        {address.size === 0 && <Popular />}
        {search !== "" && searched.first !== undefined && (
          <>
            {searched.first.widened && (
              <Notice>
                <p>{text.widened}</p>
              </Notice>
            )}
            <AlsoFound found={searched.first} onOpen={open} />
          </>
        )}
      </div>
      <div className="catalogue">
        <FilterPanel chosen={chips.length}>
          <Filters address={address} facets={list.data?.facets} categories={categories} onChange={go} />
        </FilterPanel>
        <div className="stack">
          <div className="row results-head">
            <Found count={list.data?.count} search={search} />
            <Ordering address={address} onChange={go} />
          </div>
          {chips.length > 0 && (
            <ul className="plain row" aria-label={text.chosen}>
              {chips.map(({ label, without }) => (
                <li key={label}>
                  <Link className="chip" to={`?${without.toString()}`} preventScrollReset aria-label={text.remove(label)}>
                    {label} <Icon name="cross" />
                  </Link>
                </li>
              ))}
              <li>
                <Link
                  className="button quiet small-button"
                  to={search === "" ? "/" : `?${new URLSearchParams({ search }).toString()}`}
                  preventScrollReset
                >
                  {text.clearAll}
                </Link>
              </li>
            </ul>
          )}
          <Results
            address={address}
            list={list}
            highlights={searched.highlights}
            narrowed={search !== "" || chips.length > 0}
            onOpen={(id, position) => open("course", id, position)}
          />
        </div>
      </div>
    </Page>
  );
}

/**
 * What `GET /search` finds for the text: where courses match, what else there is, and the name of the search, which its first page
 * has. The list itself comes from `GET /courses`, which knows filters and orderings.
 */
function useFound(search: string, page: number) {
  const first = useQuery({ ...foundQuery(search, 1), enabled: search !== "" });
  const further = useQuery({ ...foundQuery(search, page), enabled: search !== "" && page > 1 });
  const hits = [first, further].flatMap(({ data }) => data?.courses?.results ?? []);
  return {
    first: first.data,
    queryId: search === "" ? null : (first.data?.query_id ?? null),
    highlights: new Map(search === "" ? [] : hits.map(({ id, highlights }) => [id, highlights])),
  };
}

/** What is searched for often; nothing where it can't be read. */
function Popular() {
  const popular = useQuery(popularSearches).data?.results ?? [];
  if (popular.length === 0) return null;
  return (
    <section className="row" aria-labelledby="popular">
      <h2 id="popular" className="small muted">
        {text.popular}
      </h2>
      <ul className="plain row">
        {popular.map(({ query }) => (
          <li key={query}>
            <Link className="chip" to={`?${new URLSearchParams({ search: query }).toString()}`}>
              {query}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The filters: beside the list where there is room, behind a button on phones. */
function FilterPanel({ chosen, children }: { chosen: number; children: ReactNode }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <aside className="filter-panel" aria-label={text.filters}>
      <button
        type="button"
        className="button filter-toggle"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {text.showFilters(chosen)}
      </button>
      <div id={id} className={open ? "filter-content filter-open" : "filter-content"}>
        {children}
      </div>
    </aside>
  );
}

function Ordering({ address, onChange }: { address: URLSearchParams; onChange: (address: URLSearchParams) => void }) {
  const id = useId();
  const searches = Boolean(address.get("search"));
  const usual = searches ? "relevance" : "popular";
  const names = Object.entries(text.orderings).filter(([name]) => searches || name !== "relevance");
  return (
    <div className="row-tight ordering">
      <label htmlFor={id} className="small muted">
        {text.ordering}
      </label>
      <select
        id={id}
        value={address.get("ordering") ?? usual}
        onChange={({ target }) => onChange(changed(address, { ordering: target.value === usual ? null : target.value }))}
      >
        {names.map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
