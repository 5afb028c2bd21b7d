import { infiniteQueryOptions } from "@tanstack/react-query";

import { answer, api, call, type Schemas } from "./client";
import { nextPage } from "./queries";

export type Student = Schemas["StatsStudent"];
export type VideoStats = Schemas["VideoStatsView"];
export type Permission = Schemas["PermissionView"];
export type PermissionChanges = Schemas["UpdatePermission"];
export type AccessRule = Schemas["AccessRule"];
export type AttendanceStatus = Schemas["AttendanceStatus"];

/** Students of one request, which is the most that the API takes: a class that is one page is read once. */
const STUDENTS_MAX = 1_000;

/** A video in one of the courses that show it; `undefined` is its own. */
export interface Lecture {
  video: string;
  course: string | undefined;
}

const courseOf = ({ course }: Lecture) => (course === undefined ? {} : { course });

/** How the class of a video watches it. */
export const videoStats = (lecture: Lecture) =>
  infiniteQueryOptions({
    queryKey: ["video-stats", lecture.video, lecture.course],
    initialPageParam: {},
    queryFn: ({ pageParam }) => {
      const query = { page_size: STUDENTS_MAX, ...courseOf(lecture), ...pageParam };
      return call(api.GET("/api/v1/media/videos/{id}/stats", { params: { path: { id: lecture.video }, query } }));
    },
    getNextPageParam: (last) => nextPage(last.next),
  });

/** The same as a table for spreadsheets. */
export const statsFile = async (lecture: Lecture): Promise<Blob> => {
  const params = { path: { id: lecture.video }, query: courseOf(lecture) };
  return (await answer(api.GET("/api/v1/media/videos/{id}/stats.csv", { params, parseAs: "blob" }))).data;
};

/** What the teacher has set for a student; `null` where he has set nothing. */
export const permission = async (video: string, enrollment: string): Promise<Permission | null> => {
  const { results } = await call(api.GET("/api/v1/media/video-permissions", { params: { query: { video, enrollment } } }));
  return results[0] ?? null;
};

/** Changes what these students, or all of the class, may do with a video; `null` takes away what was set for them. */
export async function setPermissions(
  lecture: Lecture,
  who: ReadonlySet<string> | "all",
  changes: PermissionChanges | null,
): Promise<void> {
  const send = (more: Pick<Schemas["SetPermissions"], "all" | "cursor" | "enrollments">) => {
    const body = { video: lecture.video, ...courseOf(lecture), changes, page_size: STUDENTS_MAX, ...more };
    return call(api.POST("/api/v1/media/video-permissions/bulk", { body }));
  };
  if (who !== "all") {
    for (const enrollments of inPages(who)) await send({ enrollments });
    return;
  }
  let next: string | null | undefined;
  do ({ next } = await send({ all: true, ...(next != null && { cursor: next }) }));
  while (next != null);
}

/** Sets the attendance of these students in a section; `null` takes back what was set, so that their watching counts again. */
export async function setAttendance(
  course: string,
  section: string,
  who: ReadonlySet<string>,
  status: AttendanceStatus | null,
): Promise<void> {
  for (const page of inPages(who)) {
    const attendance = page.map((enrollment) => ({ enrollment, status }));
    const params = { path: { id: course, section } };
    await call(api.PUT("/api/v1/courses/{id}/sections/{section}/attendance", { params, body: { attendance } }));
  }
}

function inPages(who: ReadonlySet<string>): string[][] {
  const ids = [...who];
  return Array.from({ length: Math.ceil(ids.length / STUDENTS_MAX) }, (_, at) =>
    ids.slice(at * STUDENTS_MAX, (at + 1) * STUDENTS_MAX),
  );
}
