import { expect, test } from "vitest";

import { nextPage } from "./queries";

test.each([
  [null, undefined],
  [undefined, undefined],
  ["https://learn.example/api/v1/courses?page=2&page_size=12&cursor=a%2Bb", { cursor: "a+b", page: 2 }],
  ["https://learn.example/api/v1/instructor/courses?page_size=12&cursor=c", { cursor: "c" }],
])("the page after %s", (next, expected) => {
  expect(nextPage(next)).toEqual(expected);
});
