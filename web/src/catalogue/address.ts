import type { CourseQuery } from "../api/catalogue";
import { t } from "../text";
import { price } from "../lib/format";

/**
 * The catalogue's address is its query: the parameters are those of `GET /courses`, so that a link shows what its sender saw, and
 * what is wrong with an address is said by the API.
 */
const NAMES = [
  "search",
  "category",
  "level",
  "language",
  "tag",
  "instructor",
  "price_band",
  "min_price",
  "max_price",
  "free",
  "rating_min",
  "min_hours",
  "max_hours",
  "ordering",
  "page",
] as const;

/** A parameter of the address. */
export type Name = (typeof NAMES)[number];

/** The parameters that hold several values with commas. */
export type ListName = "category" | "level" | "language" | "tag" | "price_band";

/** What an address asks for. */
export function queryOf(address: URLSearchParams): CourseQuery {
  const given = NAMES.map((name) => [name, address.get(name)] as const).filter(([, value]) => value);
  // Numbers are sent as they are written: the API reads them, and says what is wrong with them.
  return Object.fromEntries(given);
}

/** The values of a parameter. */
export function valuesOf(address: URLSearchParams, name: ListName): string[] {
  return (address.get(name) ?? "").split(",").filter(Boolean);
}

/** The address with these parameters, `null` taking one away; it begins again at the first page. */
export function changed(address: URLSearchParams, change: Partial<Record<Name, string | null>>): URLSearchParams {
  const next = new URLSearchParams(address);
  for (const [name, value] of Object.entries({ page: null, ...change })) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** The address with one more value, or one less. */
export function toggled(address: URLSearchParams, name: ListName, value: string): URLSearchParams {
  const values = valuesOf(address, name);
  const rest = values.filter((other) => other !== value);
  return changed(address, { [name]: (rest.length < values.length ? rest : [...values, value]).join(",") });
}

/** The least ratings that can be chosen, with the bands of `facets.rating` that have them. */
export const RATINGS = [
  ["4.5", ["4_5_up"]],
  ["4", ["4_5_up", "4_up"]],
  ["3.5", ["4_5_up", "4_up", "3_5_up"]],
  ["3", ["4_5_up", "4_up", "3_5_up", "3_up"]],
] as const;

const PRICE = ["min_price", "max_price"] as const;
const HOURS = ["min_hours", "max_hours"] as const;

/** Durations that can be chosen: at least and at most so many hours. */
export const DURATIONS: Record<keyof typeof t.catalogue.durations, [string | null, string | null]> = {
  short: [null, "2"],
  medium: ["2", "10"],
  long: ["10", "30"],
  longest: ["30", null],
};

/** The address with this duration, by its name, or with any. */
export function withDuration(address: URLSearchParams, name: string): URLSearchParams {
  const known: Partial<Record<string, [string | null, string | null]>> = DURATIONS;
  const [min_hours, max_hours] = known[name] ?? [null, null];
  return changed(address, { min_hours, max_hours });
}

/** The name of the duration that the address asks for; `""` for any, `null` for one that can't be chosen. */
export function durationOf(address: URLSearchParams): string | null {
  const [min, max] = HOURS.map((name) => address.get(name) || null);
  if (!min && !max) return "";
  return Object.entries(DURATIONS).find(([, range]) => range[0] === min && range[1] === max)?.[0] ?? null;
}

/** A filter that is in force: what it says, and the address without it. */
export interface Chip {
  label: string;
  without: URLSearchParams;
}

/** What people read in place of values of the address. */
export interface Words {
  category: (value: string) => string;
  /** Whoever teaches the courses that were found, where the address asks for one teacher. */
  teacher: string | null;
}

const LEVELS: Partial<Record<string, string>> = t.course.levels;
const BANDS: Partial<Record<string, string>> = t.catalogue.prices;

/** The filters of an address, without what is looked for and the order. */
export function chipsOf(address: URLSearchParams, words: Words): Chip[] {
  const text = t.catalogue;
  const each = (name: ListName, label: (value: string) => string): Chip[] =>
    valuesOf(address, name).map((value) => ({ label: label(value), without: toggled(address, name, value) }));
  const one = (label: string | null, ...names: Name[]): Chip[] => {
    if (!label) return [];
    return [{ label, without: changed(address, Object.fromEntries(names.map((name) => [name, null]))) }];
  };
  const [rating, free, duration] = [address.get("rating_min"), address.get("free"), durationOf(address)];
  const hours = range(address, HOURS, (value) => text.hours(Number(value)));
  const teacher = words.teacher === null ? text.teacher : text.teacherNamed(words.teacher);
  return [
    ...each("category", words.category),
    ...each("level", (value) => LEVELS[value] ?? value),
    ...each("language", languageName),
    ...each("tag", text.tag),
    ...one(address.get("instructor") && teacher, "instructor"),
    ...each("price_band", (value) => BANDS[value] ?? value),
    ...one(free && (free === "true" ? text.prices.free : text.paidOnly), "free"),
    ...one(range(address, PRICE, (value) => price(Number(value), "USD")), ...PRICE),
    ...one(rating && text.stars(text.ratingUp(Number(rating))), "rating_min"),
    ...one(duration ? text.durations[duration as keyof typeof text.durations] : hours, ...HOURS),
  ];
}

/** Two bounds in words. */
function range(address: URLSearchParams, [low, high]: readonly [Name, Name], show: (value: string) => string): string | null {
  const [from, to] = [address.get(low), address.get(high)];
  if (from && to) return t.catalogue.between(show(from), show(to));
  if (from) return t.catalogue.from(show(from));
  return to ? t.catalogue.upTo(show(to)) : null;
}

/** The name of a language by its code. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(t.locale, { type: "language" }).of(code) ?? code;
  } catch {
    // The address may hold what is no code.
    return code;
  }
}
