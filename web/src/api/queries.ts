import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { answer, api, call, callOrNull } from "./client";

/** Items of a page. */
const PAGE_SIZE = 12;

/** What a page's `next` says to send for the page after it: the cursor, and the page's number where there is one. */
export function nextPage(next: string | null | undefined): { cursor?: string; page?: number } | undefined {
  if (next === null || next === undefined) return undefined;
  const search = new URL(next, window.location.origin).searchParams;
  const [cursor, page] = [search.get("cursor"), Number(search.get("page"))];
  return { ...(cursor !== null && { cursor }), ...(page > 1 && { page }) };
}

const path = (id: string) => ({ params: { path: { id } } });

/** A course with its curriculum, by id or slug. */
export const course = (idOrSlug: string) =>
  queryOptions({
    queryKey: ["course", idOrSlug],
    queryFn: () => call(api.GET("/api/v1/courses/{id}", path(idOrSlug))),
  });

/** The caller's enrolments. */
export const enrollments = infiniteQueryOptions({
  queryKey: ["enrollments"],
  initialPageParam: {},
  queryFn: ({ pageParam }) =>
    call(api.GET("/api/v1/enrollments", { params: { query: { page_size: PAGE_SIZE, ...pageParam } } })),
  getNextPageParam: (last) => nextPage(last.next),
});

/** An enrolment with the course's curriculum and what is done of it. */
export const enrollment = (id: string) =>
  queryOptions({ queryKey: ["enrollment", id], queryFn: () => call(api.GET("/api/v1/enrollments/{id}", path(id))) });

/** What an enrolment says of its certificate. */
export interface Certified {
  id: string;
  is_completed: boolean;
  certificate_code?: string | null;
  /** The page on which everybody can check it. */
  certificate_url?: string | null;
}

/** How often a certificate that is being made is looked for, and how many times: it takes a minute at most. */
const CERTIFICATE_POLL_MS = 5_000;
const CERTIFICATE_LOOKS = 24;

/** As [enrollment]; asked again while the certificate of a completed course is being made. */
export const enrollmentWithCertificate = (id: string) =>
  queryOptions({
    ...enrollment(id),
    refetchInterval: ({ state }) => {
      const data: Certified | undefined = state.data;
      const awaited = data?.is_completed === true && data.certificate_code == null;
      return awaited && state.dataUpdateCount < CERTIFICATE_LOOKS && CERTIFICATE_POLL_MS;
    },
  });

/** The certificate of an enrolment, as a PDF. */
export const certificateFile = async (id: string): Promise<Blob> => {
  const request = api.GET("/api/v1/enrollments/{id}/certificate", { ...path(id), parseAs: "blob" });
  return (await answer(request)).data;
};

/** A lesson with its text, questions and files. */
export const lesson = (courseId: string, lessonId: string) =>
  queryOptions({
    queryKey: ["lesson", courseId, lessonId],
    queryFn: () =>
      call(
        api.GET("/api/v1/courses/{id}/lessons/{lesson_id}", {
          params: { path: { id: courseId, lesson_id: lessonId } },
        }),
      ),
  });

/** A lesson as its teacher changes it, with the course's version before it was read: nothing older than that version is in it. */
export const lessonAt = (courseId: string, lessonId: string, version: number) =>
  queryOptions({
    queryKey: ["lesson", courseId, lessonId, version],
    queryFn: async () => {
      const params = { path: { id: courseId, lesson_id: lessonId } };
      return { version, lesson: await call(api.GET("/api/v1/courses/{id}/lessons/{lesson_id}", { params })) };
    },
  });

/** The caller's attempts at a quiz. */
export const quizAttempts = (courseId: string, lessonId: string) =>
  queryOptions({
    queryKey: ["quiz-attempts", courseId, lessonId],
    queryFn: () =>
      call(
        api.GET("/api/v1/courses/{id}/lessons/{lesson_id}/quiz-attempts", {
          params: { path: { id: courseId, lesson_id: lessonId } },
        }),
      ),
  });

/** The caller's channel; `null` when he has none. */
export const ownChannel = queryOptions({
  queryKey: ["channel"],
  queryFn: () => callOrNull(api.GET("/api/v1/channels/me")),
});

/** The caller's courses, drafts included. */
export const ownCourses = infiniteQueryOptions({
  queryKey: ["own-courses"],
  initialPageParam: {},
  queryFn: ({ pageParam }) =>
    call(api.GET("/api/v1/instructor/courses", { params: { query: { page_size: PAGE_SIZE, ...pageParam } } })),
  getNextPageParam: (last) => nextPage(last.next),
});

/** A video. */
export const video = (id: string) =>
  queryOptions({ queryKey: ["video", id], queryFn: () => call(api.GET("/api/v1/media/videos/{id}", path(id))) });

/** The pictures that can stand for a video; read anew with the video. */
export const videoPictures = (id: string) =>
  queryOptions({
    queryKey: ["video", id, "pictures"],
    queryFn: () => call(api.GET("/api/v1/media/videos/{id}/thumbnails", path(id))),
  });

/** A video as everybody sees it. */
export const videoPage = (id: string) =>
  queryOptions({ queryKey: ["watch", id], queryFn: () => call(api.GET("/api/v1/videos/{id}", path(id))) });

/** How often the processing is looked at while it runs. */
const POLL_MS = 2_000;

/** How far a video's processing is; asked again until it has ended. */
export const processing = (id: string) =>
  queryOptions({
    queryKey: ["processing", id],
    queryFn: () => call(api.GET("/api/v1/media/videos/{id}/processing", path(id))),
    refetchInterval: ({ state }) => (state.data !== undefined && isSettled(state.data.status) ? false : POLL_MS),
  });

/** Whether the processing of a video in this state has ended. */
export function isSettled(status: string): boolean {
  return ["READY", "FAILED", "PUBLISHED", "ARCHIVED"].includes(status);
}

/** Where the caller watches now. */
export const sessions = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => call(api.GET("/api/v1/media/sessions")),
  refetchInterval: 30_000,
});
