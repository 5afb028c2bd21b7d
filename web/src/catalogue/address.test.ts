import { expect, test } from "vitest";

import { changed, chipsOf, DURATIONS, durationOf, queryOf, toggled, withDuration } from "./address";

const address = (text: string) => new URLSearchParams(text);
const words = { category: (value: string) => value.toUpperCase(), teacher: null };
const labels = (text: string) => chipsOf(address(text), words).map(({ label }) => label);

test("what the API does not know is not sent, nor what is empty", () => {
  expect(queryOf(address("search=rust&level=&utm_source=mail&page=2"))).toEqual({ search: "rust", page: "2" });
});

test("a change begins again at the first page", () => {
  expect(changed(address("page=3&level=beginner"), { ordering: "newest" }).toString()).toBe("level=beginner&ordering=newest");
  expect(changed(address("search=rust"), { search: "" }).toString()).toBe("");
  expect(changed(address("search=rust"), { page: "2" }).toString()).toBe("search=rust&page=2");
});

test("a value comes and goes", () => {
  const one = toggled(address(""), "level", "beginner");
  const two = toggled(one, "level", "advanced");
  expect(two.get("level")).toBe("beginner,advanced");
  expect(toggled(two, "level", "beginner").get("level")).toBe("advanced");
  expect(toggled(one, "level", "beginner").has("level")).toBe(false);
});

test.each(Object.keys(DURATIONS))("the duration %s is known again", (name) => {
  expect(durationOf(withDuration(address("min_hours=7&page=2"), name))).toBe(name);
});

test("any duration, and one that can't be chosen", () => {
  expect(withDuration(address("min_hours=2&max_hours=10"), "").toString()).toBe("");
  expect([durationOf(address("")), durationOf(address("min_hours=3"))]).toEqual(["", null]);
});

test.each([
  ["category=development,design", ["DEVELOPMENT", "DESIGN"]],
  ["level=beginner&language=ko", ["Beginner", "Korean"]],
  ["price_band=free,under_20", ["Free", "Under $20"]],
  ["free=true", ["Free"]],
  ["min_price=7&max_price=9", ["$7.00 to $9.00"]],
  ["min_price=7", ["from $7.00"]],
  ["max_hours=5", ["up to 5 hours"]],
  ["max_hours=2", ["Up to 2 hours"]],
  ["free=false", ["Not free"]],
  ["rating_min=4.5", ["4.5 and up of 5 stars"]],
  ["instructor=someone", ["One teacher"]],
  ["tag=rust", ["#rust"]],
  ["language=nonsense-1&level=nonsense", ["nonsense", "nonsense-1"]],
  ["search=rust&ordering=newest&page=2", []],
])("the filters of %s in words", (text, expected) => {
  expect(labels(text)).toEqual(expected);
});

test("each filter can be taken away alone", () => {
  const chips = chipsOf(address("level=beginner,advanced&min_hours=2&max_hours=10&page=4"), words);
  expect(chips.map(({ without }) => without.toString())).toEqual([
    "level=advanced&min_hours=2&max_hours=10",
    "level=beginner&min_hours=2&max_hours=10",
    "level=beginner%2Cadvanced",
  ]);
});
