import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, call, type Schemas } from "./client";

export type DashboardStats = Schemas["DashboardStats"];
export type LearningCalendar = Schemas["LearningCalendar"];
export type ActivityDay = Schemas["ActivityDayView"];
export type CourseToContinue = Schemas["CourseToContinue"];

/** Courses to go on with that are shown. */
const TO_CONTINUE = 4;
/** Courses that are recommended. */
const RECOMMENDED = 4;

/** What the dashboard shows begins with this. */
const DASHBOARD = "dashboard";

/** The caller's numbers. */
export const dashboardStats = queryOptions({
  queryKey: [DASHBOARD, "stats"],
  queryFn: () => call(api.GET("/api/v1/dashboard/stats")),
});

/** The days on which the caller learned: those of a year, or of the last twelve months. */
export const activity = (year: number | null) =>
  queryOptions({
    queryKey: [DASHBOARD, "activity", year],
    queryFn: () => call(api.GET("/api/v1/dashboard/activity", { params: { query: year === null ? {} : { year } } })),
    placeholderData: keepPreviousData,
  });

/** The courses that the caller learns in, each with the lesson to go on with. */
export const toContinue = queryOptions({
  queryKey: [DASHBOARD, "continue"],
  queryFn: () => call(api.GET("/api/v1/dashboard/continue-learning", { params: { query: { limit: TO_CONTINUE } } })),
});

/** Courses that the caller could take next. */
export const recommendations = queryOptions({
  queryKey: [DASHBOARD, "recommendations"],
  queryFn: () => call(api.GET("/api/v1/dashboard/recommendations", { params: { query: { limit: RECOMMENDED } } })),
});
