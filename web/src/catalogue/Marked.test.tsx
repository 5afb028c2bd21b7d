import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { Marked } from "./Marked";

afterEach(cleanup);

const shown = (html: string) => render(<Marked html={html} />).container.innerHTML;

test("what matches is marked, and what is escaped is shown as it was", () => {
  expect(shown("Complete <mark>Web</mark> &amp; <mark>C&lt;T&gt;</mark> &quot;&#39;")).toBe(
    "Complete <mark>Web</mark> &amp; <mark>C&lt;T&gt;</mark> \"'",
  );
});

test("nothing else becomes an element", () => {
  const { container } = render(<Marked html={'<img src=x onerror="alert(1)"> &lt;b&gt;bold&lt;/b&gt;'} />);
  expect(container.children).toHaveLength(0);
  expect(container.textContent).toBe('<img src=x onerror="alert(1)"> <b>bold</b>');
});
