import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, call } from "./client";
import { nextPage } from "./queries";
import type { operations } from "./schema";

/** Courses on a page of the catalogue. */
export const PAGE_SIZE = 12;
/** Reviews that are loaded at once. */
const REVIEWS = 5;

/** What `GET /courses` can be asked for. */
export type CourseQuery = NonNullable<operations["list_courses"]["parameters"]["query"]>;

/** How reviews can be listed. */
export type ReviewQuery = Pick<NonNullable<operations["list_reviews"]["parameters"]["query"]>, "rating" | "ordering">;

/** A page of the published courses, with counts for the filters. The page before stays until it is there. */
export const courseList = (query: CourseQuery) =>
  queryOptions({
    queryKey: ["courses", query],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/courses", { params: { query: { page_size: PAGE_SIZE, ...query } }, signal })),
    placeholderData: keepPreviousData,
  });

/** What is found for a text, of every kind on the first page. The platform counts searches, so that it is asked once. */
export const found = (q: string, page: number) =>
  queryOptions({
    queryKey: ["search", q, page],
    queryFn: ({ signal }) => {
      const query = { q, page, page_size: PAGE_SIZE, ...(page > 1 && { type: "course" as const }) };
      return call(api.GET("/api/v1/search", { params: { query }, signal }));
    },
    staleTime: Infinity,
    retry: false,
  });

/** What somebody who has typed this may mean. */
export const suggestions = (q: string) =>
  queryOptions({
    queryKey: ["suggestions", q],
    queryFn: ({ signal }) => call(api.GET("/api/v1/search/suggest", { params: { query: { q } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    // The next letter asks anew.
    retry: false,
  });

/** What is searched for often. */
export const popularSearches = queryOptions({
  queryKey: ["popular-searches"],
  queryFn: () => call(api.GET("/api/v1/search/popular", { params: { query: { limit: 8 } } })),
  staleTime: 300_000,
});

/** The categories, in their order. */
export const categories = queryOptions({
  queryKey: ["categories"],
  queryFn: () => call(api.GET("/api/v1/categories")),
  staleTime: 300_000,
});

/** Courses like a course. */
export const related = (course: string) =>
  queryOptions({
    queryKey: ["courses", "related", course],
    queryFn: () =>
      call(api.GET("/api/v1/courses/{course}/related", { params: { path: { course }, query: { limit: 4 } } })),
  });

/** The reviews of a course. */
export const reviews = (id: string, filter: ReviewQuery) =>
  infiniteQueryOptions({
    queryKey: ["reviews", id, filter],
    initialPageParam: {},
    queryFn: ({ pageParam }) => {
      const query = { page_size: REVIEWS, ...filter, ...pageParam };
      return call(api.GET("/api/v1/courses/{id}/reviews", { params: { path: { id }, query } }));
    },
    getNextPageParam: (last) => nextPage(last.next),
    placeholderData: keepPreviousData,
  });

/** A review of the caller, wherever it is in the list: a change of nothing changes nothing, and answers with what is there. */
export const ownReview = (id: string, review_id: string) =>
  queryOptions({
    queryKey: ["reviews", id, "own", review_id],
    queryFn: () =>
      call(api.PATCH("/api/v1/courses/{id}/reviews/{review_id}", { params: { path: { id, review_id } }, body: {} })),
  });
