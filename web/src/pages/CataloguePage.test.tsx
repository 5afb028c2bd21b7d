import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { listed, page } from "../testing/courses";
import { alert, close, open, platform, press, refusal } from "../testing/platform";

afterEach(close);

const python = listed({ id: "course-2", title: "Python & data", slug: "python-data", price: 19.99, rating_count: 0 });
const category = { id: "c", name: "Development", slug: "dev", description: "", icon: "", order_index: 1, course_count: 2 };

const nothingFound = { query_id: null, widened: false, courses: { count: 0, results: [] } };

async function opened(path = "/", answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({
    "GET /courses": page([listed(), python]),
    "GET /categories": { results: [category] },
    "GET /search/popular": { results: [] },
    "GET /search": nothingFound,
    "POST /search/click": { status: 204 },
    ...answers,
  });
  const view = open(path);
  await screen.findByRole("heading", { level: 1, name: "Courses" });
  /** The last query that the list was asked for. */
  const asked = () => Object.fromEntries(new URLSearchParams(fake.sent("GET /courses").at(-1)?.path.split("?")[1]));
  return { ...fake, ...view, asked };
}

/** The suggestions that are shown. */
const options = () => screen.queryAllByRole("listbox").flatMap((list) => within(list).getAllByRole("option"));
const shown = () => waitFor(() => expect(options()).toHaveLength(2));

const box = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Search courses" });
const type = (text: string) => fireEvent.change(box(), { target: { value: text } });
const key = (name: string) => fireEvent.keyDown(box(), { key: name });

test("courses are shown with what matters for the choice", async () => {
  await opened("/", {
    "GET /courses": page([
      listed({ is_bestseller: true, in_plans: true, price: 70, original_price: 100, discount_percent: 30 }),
      listed({ id: "2", title: "Mine", enrolled: true, rating_count: 0 }),
    ]),
  });
  const card = within((await screen.findByRole("link", { name: "Rust in practice" })).closest("article") as HTMLElement);
  for (const text of ["by Angela Yu", "(1,234)", "Bestseller", "$70.00", "−30 %", "5,000 students", "Part of plans"]) card.getByText(text);
  card.getByRole("img", { name: "4.5 of 5 stars" });
  const own = within(screen.getByRole("link", { name: "Mine" }).closest("article") as HTMLElement);
  own.getByText("Enrolled");
  own.getByText("No rating yet");
  expect(screen.getByText("2 courses").getAttribute("role")).toBe("status");
});

test("filters narrow the list, stand in the address, and can be taken away", async () => {
  const { asked, path } = await opened("/?page=3");
  await screen.findByText("2 courses");
  expect(asked()).toEqual({ page: "3", page_size: "12" });
  const levels = within(screen.getByRole("group", { name: "Level" }));
  fireEvent.click(levels.getByRole("checkbox", { name: "Beginner 2" }));
  await waitFor(() => expect(asked()).toEqual({ level: "beginner", page_size: "12" }));
  expect(path()).toBe("/?level=beginner");
  fireEvent.click(screen.getByRole("checkbox", { name: "Development 2" }));
  fireEvent.click(within(screen.getByRole("group", { name: "Price" })).getByRole("checkbox", { name: "Under $20 0" }));
  fireEvent.click(within(screen.getByRole("group", { name: "Rating" })).getByRole("radio", { name: /4 and up/ }));
  const all = { level: "beginner", category: "dev", price_band: "under_20", rating_min: "4", page_size: "12" };
  await waitFor(() => expect(asked()).toEqual(all));
  const chips = within(screen.getByRole("list", { name: "Chosen filters" }));
  fireEvent.click(chips.getByRole("link", { name: "Remove the filter: Under $20" }));
  await waitFor(() => expect(path()).toBe("/?level=beginner&category=dev&rating_min=4"));
  fireEvent.click(chips.getByRole("link", { name: "Clear all filters" }));
  await waitFor(() => expect(path()).toBe("/"));
});

test("a rating counts the bands above it too", async () => {
  await opened();
  await screen.findByText("2 courses");
  const ratings = within(screen.getByRole("group", { name: "Rating" }));
  const names = ["Any", /^4.5 and up 2$/, /^4 and up 3$/, /^3.5 and up 3$/, /^3 and up 3$/];
  expect(ratings.getAllByRole("radio")).toEqual(names.map((name) => ratings.getByLabelText(name)));
});

test("the list can be ordered, and paged through", async () => {
  const pages = page([listed()], { count: 25, total_pages: 3, current_page: 2 });
  const { asked, path } = await opened("/?page=2&level=beginner", { "GET /courses": pages });
  await screen.findByText("Page 2 of 3");
  expect(screen.getByRole("link", { name: "Previous page" }).getAttribute("href")).toBe("/?level=beginner");
  fireEvent.click(screen.getByRole("link", { name: "Next page" }));
  await waitFor(() => expect(asked()).toMatchObject({ page: "3" }));
  fireEvent.change(screen.getByLabelText("Order"), { target: { value: "newest" } });
  await waitFor(() => expect(path()).toBe("/?level=beginner&ordering=newest"));
  fireEvent.change(screen.getByLabelText("Order"), { target: { value: "popular" } });
  await waitFor(() => expect(path()).toBe("/?level=beginner"));
});

const answer = {
  query_id: "search-1",
  widened: true,
  courses: {
    count: 1,
    results: [{ ...listed(), highlights: { title: "<mark>Rust</mark> in practice", description: "of <mark>rusty</mark> &lt;T&gt;" } }],
  },
  instructors: {
    count: 1,
    results: [
      {
        id: "0190-teacher",
        first_name: "Angela",
        last_name: "Yu",
        profile_picture: "",
        courses_count: 3,
        students_count: 4,
        rating: 4.8,
        highlights: { title: "Angela <mark>Yu</mark>" },
      },
    ],
  },
};

test("a search shows where it matches, what else there is, and notes what is chosen", async () => {
  const { asked, bodies, sent, path } = await opened("/?level=beginner&ordering=newest", {
    "GET /search": answer,
    "GET /courses/python-data": refusal(404, "COURSE_NOT_FOUND", "No."),
  });
  await screen.findByText("2 courses");
  type(" rust ");
  press("Search");
  await waitFor(() => expect(path()).toBe("/?level=beginner&search=rust"));
  await screen.findByText("2 courses for “rust”");
  expect(asked()).toMatchObject({ search: "rust", level: "beginner" });
  const found = await screen.findByRole("link", { name: "Rust in practice" });
  await waitFor(() => expect(found.querySelector("mark")?.textContent).toBe("Rust"));
  screen.getByText("rusty", { selector: "mark" });
  screen.getByText(/Here is what comes close/);
  expect(screen.getByLabelText<HTMLSelectElement>("Order").value).toBe("relevance");
  fireEvent.click(screen.getByRole("link", { name: "Python & data" }));
  await waitFor(() =>
    expect(bodies("POST /search/click")).toEqual([{ query_id: "search-1", kind: "course", id: "course-2", position: 2 }]),
  );
  // The platform counts searches: once is enough.
  expect(sent("GET /search")).toHaveLength(1);
});

test("a teacher who was found leads to the teacher's courses", async () => {
  const { bodies, path } = await opened("/?search=yu", { "GET /search": answer });
  fireEvent.click(await screen.findByRole("link", { name: "Angela Yu Teacher" }));
  await waitFor(() => expect(path()).toBe("/?instructor=0190-teacher"));
  expect(bodies("POST /search/click")).toMatchObject([{ kind: "instructor", position: 1 }]);
  await screen.findByRole("link", { name: "Remove the filter: By Angela Yu" });
});

test("without the highlights the list is there all the same", async () => {
  await opened("/?search=rust", { "GET /search": refusal(503, "SEARCH_DOWN", "Later.") });
  await screen.findByRole("link", { name: "Rust in practice" });
  expect(screen.queryByRole("alert")).toBeNull();
});

const suggested = [
  { kind: "course", id: "course-1", slug: "rust-in-practice", title: "Rust in practice", highlighted: "<mark>Rus</mark>t in practice" },
  { kind: "category", id: "c", slug: "dev", title: "Development", highlighted: "Development" },
];

test("suggestions can be gone through with the keyboard", async () => {
  const { path, sent } = await opened("/", { "GET /search/suggest": { results: suggested } });
  type("rus");
  await shown();
  const [first, second] = options();
  expect(box().getAttribute("aria-expanded")).toBe("true");
  expect(box().getAttribute("aria-activedescendant")).toBeNull();
  key("ArrowDown");
  expect(box().getAttribute("aria-activedescendant")).toBe(first?.id);
  expect(first?.getAttribute("aria-selected")).toBe("true");
  key("ArrowDown");
  expect(box().getAttribute("aria-activedescendant")).toBe(second?.id);
  key("ArrowDown");
  expect(box().getAttribute("aria-activedescendant")).toBeNull();
  key("ArrowUp");
  expect(box().getAttribute("aria-activedescendant")).toBe(second?.id);
  fireEvent.submit(screen.getByRole("search"));
  await waitFor(() => expect(path()).toBe("/?category=dev"));
  expect(options()).toEqual([]);
  // Only what was typed in the end was asked for.
  expect(sent("GET /search/suggest").map((one) => one.path)).toEqual(["/api/v1/search/suggest?q=rus"]);
});

test("suggestions are dismissed, and the text after them", async () => {
  await opened("/", { "GET /search/suggest": { results: suggested } });
  type("rus");
  await shown();
  key("Escape");
  expect(options()).toEqual([]);
  expect(box().value).toBe("rus");
  key("Escape");
  expect(box().value).toBe("");
});

test("a suggestion can be clicked; without suggestions the search works", async () => {
  const { answers, path } = await opened("/", {
    "GET /search/suggest": refusal(500, "INTERNAL", "Oh."),
    "GET /courses/rust-in-practice": refusal(404, "COURSE_NOT_FOUND", "No."),
  });
  type("something");
  fireEvent.submit(screen.getByRole("search"));
  await waitFor(() => expect(path()).toBe("/?search=something"));
  answers["GET /search/suggest"] = { results: suggested };
  type("rust");
  await shown();
  fireEvent.click(options()[0] as HTMLElement);
  await waitFor(() => expect(path()).toBe("/courses/rust-in-practice"));
});

test("popular searches are a start", async () => {
  const { path } = await opened("/", { "GET /search/popular": { results: [{ query: "웹 개발", weekly_count: 3 }] } });
  fireEvent.click(await screen.findByRole("link", { name: "웹 개발" }));
  await waitFor(() => expect(path()).toContain("search="));
  expect(box().value).toBe("웹 개발");
  expect(screen.queryByText("Searched for often")).toBeNull();
});

test("no course matches", async () => {
  await opened("/?search=qqq", { "GET /courses": page([]) });
  await screen.findByRole("heading", { name: "No course matches" });
  expect(screen.getByRole("link", { name: "Show all courses" }).getAttribute("href")).toBe("/");
});

test("no course is published", async () => {
  await opened("/", { "GET /courses": page([]) });
  await screen.findByRole("heading", { name: "No course is published yet." });
});

test("beyond the last page", async () => {
  await opened("/?page=9", { "GET /courses": page([], { count: 30, total_pages: 3, current_page: 9 }) });
  expect((await screen.findByRole("link", { name: "Go to the last page" })).getAttribute("href")).toBe("/?page=3");
});

test("an address that can't be looked for is explained, and is not tried again", async () => {
  const details = { level: ["must be beginner, intermediate or advanced"] };
  await opened("/?level=expert", { "GET /courses": refusal(422, "VALIDATION_FAILED", "Some are not valid.", { details }) });
  expect(await alert()).toContain("must be beginner, intermediate or advanced");
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  screen.getByRole("link", { name: "Show all courses" });
});

test("a platform that is down can be asked again", async () => {
  const { answers } = await opened("/", { "GET /courses": refusal(503, "UNAVAILABLE", "In a moment.") });
  await alert();
  answers["GET /courses"] = page([listed()]);
  press("Try again");
  await screen.findByText("1 course");
});
