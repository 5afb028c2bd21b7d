/**
 * Operations that functions/api/ops/openapi.json does not describe yet, in the shape in which `schema.d.ts` will have them. When it
 * does, this file goes, and client.ts takes the generated types alone.
 */
import type { components } from "./schema";

type CourseListItem = components["schemas"]["CourseListItem"];

export interface AheadSchemas {
  DashboardStats: {
    courses_enrolled: number;
    courses_completed: number;
    lessons_completed: number;
    total_hours_learned: number;
    seconds_learned: number;
    days_learned: number;
    current_streak_days: number;
    longest_streak_days: number;
    frozen_days_left: number;
    learned_today: boolean;
    average_rating_given?: number | null;
    certificates_earned: number;
  };
  ActivityDayView: { date: string; seconds_learned: number; lessons_completed: number; frozen: boolean };
  LearningCalendar: {
    from: string;
    to: string;
    today: string;
    current_streak_days: number;
    longest_streak_days: number;
    frozen_days_left: number;
    learned_today: boolean;
    seconds_learned: number;
    days: AheadSchemas["ActivityDayView"][];
  };
  CourseToContinue: {
    enrollment_id: string;
    course: { id: string; title: string; slug: string; thumbnail: string; instructor: string };
    progress_percent: number;
    lessons_completed: number;
    total_lessons: number;
    last_learned_at?: string | null;
    current_lesson?: AheadSchemas["CurrentLesson"] | null;
  };
  CurrentLesson: {
    id: string;
    title: string;
    order: number;
    kind: components["schemas"]["LessonKind"];
    duration_minutes: number;
    video_id?: string | null;
    last_position: number;
    locked: boolean;
    opens_at?: string | null;
  };
}

interface Answered<Body, Type extends string = "application/json"> {
  headers: Record<string, unknown>;
  content: Record<Type, Body>;
}

/** An operation that reads. */
interface Read<Parameters, Body, Type extends string = "application/json"> {
  get: { parameters: Parameters; responses: { 200: Answered<Body, Type> } };
}

export interface AheadPaths {
  "/api/v1/dashboard/stats": Read<object, AheadSchemas["DashboardStats"]>;
  "/api/v1/dashboard/activity": Read<
    { query?: { year?: number; from?: string; to?: string } },
    AheadSchemas["LearningCalendar"]
  >;
  "/api/v1/dashboard/continue-learning": Read<
    { query?: { limit?: number } },
    { results: AheadSchemas["CourseToContinue"][] }
  >;
  "/api/v1/dashboard/recommendations": Read<{ query?: { limit?: number } }, { results: CourseListItem[] }>;
  "/api/v1/enrollments/{id}/certificate": Read<{ path: { id: string } }, number[], "application/pdf">;
}
