import { type ReactNode, useId, useState } from "react";

import type { Schemas } from "../api/client";
import { number } from "../lib/format";
import { t } from "../text";
import { Stars } from "../ui/Stars";
import {
  changed,
  durationOf,
  languageName,
  type ListName,
  RATINGS,
  toggled,
  valuesOf,
  withDuration,
} from "./address";

/** Values of a filter that are shown before "show all". */
const FEW = 8;

interface Props {
  address: URLSearchParams;
  facets: Schemas["CourseFacets"] | undefined;
  categories: Schemas["CategoryView"][];
  onChange: (address: URLSearchParams) => void;
}

/** One value of a filter: its name in the address, what it says, and how many courses it would give. */
interface Value {
  value: string;
  label: string;
  count: number | undefined;
}

/** What narrows the list. Each change takes effect at once, as the address changes. */
export function Filters({ address, facets, categories, onChange }: Props) {
  const text = t.catalogue;
  const countOf = (facet: Schemas["FacetCount"][] | undefined, value: string) =>
    facet?.find((one) => one.value === value)?.count ?? (facet && 0);
  const levels = Object.entries(t.course.levels).map(([value, label]) => ({
    value,
    label,
    count: countOf(facets?.level, value),
  }));
  const languages = (facets?.language ?? []).map(({ value, count }) => ({ value, count, label: languageName(value) }));
  const prices = Object.entries(text.prices).map(([value, label]) => ({
    value,
    label,
    count: countOf(facets?.price, value),
  }));
  const ratings = RATINGS.map(([value, bands]) => ({
    value,
    label: text.ratingUp(Number(value)),
    count: facets && bands.reduce<number>((sum, band) => sum + (countOf(facets.rating, band) ?? 0), 0),
  }));
  const durations = Object.entries(text.durations).map(([value, label]) => ({ value, label, count: undefined }));
  const several = (name: ListName, label: string, values: Value[]) => (
    <Several
      label={label}
      values={withChosen(values, valuesOf(address, name))}
      chosen={valuesOf(address, name)}
      onToggle={(value) => onChange(toggled(address, name, value))}
    />
  );
  return (
    <div className="filters">
      {several("category", text.category, categoryValues(facets?.category ?? [], categories))}
      {several("level", text.level, levels)}
      {several("price_band", text.price, prices)}
      <OneOf
        label={text.rating}
        values={ratings}
        chosen={address.get("rating_min") ?? ""}
        show={({ value, label }) => (
          <>
            <Stars rating={Number(value)} /> {label}
          </>
        )}
        onChoose={(value) => onChange(changed(address, { rating_min: value }))}
      />
      {several("language", text.language, languages)}
      <OneOf
        label={text.duration}
        values={durations}
        chosen={durationOf(address)}
        onChoose={(value) => onChange(withDuration(address, value))}
      />
    </div>
  );
}

/** A category as the index counts it: its name in lower case with single spaces, composed. */
const normal = (name: string) =>
  name.normalize("NFKC").toLowerCase().normalize("NFKC").split(/\s+/).filter(Boolean).join(" ");

/** What a category is called in the address: its slug, where it is one of the platform's. */
export function categoryValues(facet: Schemas["FacetCount"][], categories: Schemas["CategoryView"][]): Value[] {
  const known = categories.map(({ name, slug }) => ({
    value: slug,
    label: name,
    count: facet.find((one) => one.value === normal(name))?.count ?? 0,
  }));
  const names = new Set(categories.map(({ name }) => normal(name)));
  const others = facet.filter(({ value }) => !names.has(value)).map(({ value, count }) => ({ value, label: value, count }));
  return [...known.filter(({ count }) => count > 0), ...others];
}

/** A value that is chosen stays in the list, also where nothing has it. */
function withChosen(values: Value[], chosen: string[]): Value[] {
  const missing = chosen.filter((value) => !values.some((one) => one.value === value));
  return [...values, ...missing.map((value) => ({ value, label: value, count: 0 }))];
}

function Count({ n }: { n: number | undefined }) {
  return n === undefined ? null : <span className="small muted filter-count">{number(n)}</span>;
}

function Several({
  label,
  values,
  chosen,
  onToggle,
}: {
  label: string;
  values: Value[];
  chosen: string[];
  onToggle: (value: string) => void;
}) {
  const [all, setAll] = useState(false);
  if (values.length === 0) return null;
  const few = values.filter(({ value }, at) => at < FEW || chosen.includes(value));
  return (
    <fieldset className="filter">
      <legend>{label}</legend>
      {(all ? values : few).map(({ value, label, count }) => (
        <FilterLine key={value} count={count} label={label}>
          {(id) => (
            <input id={id} type="checkbox" checked={chosen.includes(value)} onChange={() => onToggle(value)} />
          )}
        </FilterLine>
      ))}
      {!all && few.length < values.length && (
        <button type="button" className="button quiet small-button" onClick={() => setAll(true)}>
          {t.catalogue.moreValues(values.length)}
        </button>
      )}
    </fieldset>
  );
}

function OneOf({
  label,
  values,
  chosen,
  show = (value) => value.label,
  onChoose,
}: {
  label: string;
  values: Value[];
  /** `""` for any, `null` for something else. */
  chosen: string | null;
  show?: (value: Value) => ReactNode;
  onChoose: (value: string) => void;
}) {
  const name = useId();
  return (
    <fieldset className="filter">
      <legend>{label}</legend>
      {[{ value: "", label: t.catalogue.any, count: undefined }, ...values].map((one) => (
        <FilterLine key={one.value} count={one.count} label={one.value === "" ? one.label : show(one)}>
          {(id) => (
            <input
              id={id}
              type="radio"
              name={name}
              checked={chosen === one.value}
              onChange={() => onChoose(one.value)}
            />
          )}
        </FilterLine>
      ))}
    </fieldset>
  );
}

function FilterLine({
  label,
  count,
  children,
}: {
  label: ReactNode;
  count: number | undefined;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="filter-line">
      {children(id)}
      <label htmlFor={id}>
        <span>{label}</span> <Count n={count} />
      </label>
    </div>
  );
}
