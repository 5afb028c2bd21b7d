import type { Schemas } from "../api/client";

type Course = Schemas["CourseListItem"];

const teacher = { id: "0190-teacher", first_name: "Angela", last_name: "Yu" };

/** A course in a list, with these changes. */
export function listed(changes: Partial<Course> = {}): Course {
  return {
    id: "course-1",
    title: "Rust in practice",
    slug: "rust-in-practice",
    short_description: "Build things that last.",
    instructor: teacher,
    thumbnail: "",
    rating: 4.5,
    rating_count: 1_234,
    student_count: 5_000,
    lesson_count: 12,
    duration_hours: 6.5,
    level: "beginner",
    language: "en",
    price: 0,
    original_price: null,
    discount_percent: 0,
    currency: "USD",
    category: "Development",
    tags: ["rust"],
    in_plans: false,
    is_bestseller: false,
    is_new: false,
    published_at: "2026-11-01T10:00:00Z",
    enrolled: false,
    in_cart: false,
    in_wishlist: false,
    ...changes,
  };
}

/** A page of the catalogue. */
export function page(results: Course[], changes: Partial<Schemas["CoursePage"]> = {}): Schemas["CoursePage"] {
  const facets = {
    category: [{ value: "development", count: 2 }],
    level: [
      { value: "beginner", count: 2 },
      { value: "advanced", count: 1 },
    ],
    language: [{ value: "en", count: 3 }],
    price: [{ value: "free", count: 3 }],
    rating: [
      { value: "4_5_up", count: 2 },
      { value: "4_up", count: 1 },
    ],
  };
  const { length } = results;
  return { count: length, total_pages: 1, current_page: 1, next: null, previous: null, results, facets, ...changes };
}

/** A lesson in a curriculum. */
export function lesson(changes: Partial<Schemas["CurriculumLesson"]> = {}): Schemas["CurriculumLesson"] {
  return {
    id: "lesson-1",
    title: "Ownership",
    kind: "text",
    duration_minutes: 10,
    duration_seconds: 600,
    order: 1,
    is_preview: false,
    resource_count: 0,
    video_id: null,
    video_url: null,
    ...changes,
  };
}

/** A section with these lessons. */
export function section(lessons: Schemas["CurriculumLesson"][], changes: Partial<Schemas["SectionView"]> = {}): Schemas["SectionView"] {
  return {
    id: "section-1",
    title: "Basics",
    description: "",
    order: 1,
    total_lessons: lessons.length,
    total_duration_minutes: 10,
    lessons,
    ...changes,
  };
}

const about = { bio: "Teaches since 2010", profile_picture: "", courses_count: 3, students_count: 9_000, rating: 4.75 };

/** A course with its curriculum. */
export function detail(changes: Partial<Schemas["CourseDetail"]> = {}): Schemas["CourseDetail"] {
  const common = listed();
  return {
    ...common,
    description: "All that matters of Rust.",
    required_order: false,
    review_count: common.rating_count,
    section_count: 1,
    duration_seconds: 23_400,
    outcomes: ["Write programs without leaks"],
    requirements: ["A computer"],
    prerequisites: "Some programming",
    version: 7,
    status: "published",
    is_published: true,
    created_at: "2026-10-01T10:00:00Z",
    last_updated: "2026-11-01T10:00:00Z",
    instructor: { ...teacher, profile: about },
    curriculum: [section([lesson()])],
    reviews: { ...ratings(), recent: [] },
    preview_video_url: null,
    enrollment_id: null,
    progress: null,
    ...changes,
  };
}

/** The ratings of a course. */
export function ratings(): Schemas["RatingSummary"] {
  return { count: 4, rating: 4.5, distribution: { 5: 3, 4: 0, 3: 1, 2: 0, 1: 0 } };
}

/** A review by somebody else. */
export function review(changes: Partial<Schemas["ReviewView"]> = {}): Schemas["ReviewView"] {
  return {
    id: "review-1",
    course_id: "course-1",
    author: { id: "0190-other", first_name: "John", last_name: "Smith", avatar: "" },
    rating: 5,
    title: "Great",
    comment: "Explains everything.",
    helpful_count: 2,
    found_helpful: false,
    reply: null,
    created_at: "2026-11-02T10:00:00Z",
    edited_at: null,
    ...changes,
  };
}

/** A page of reviews. */
export function reviewPage(results: Schemas["ReviewView"][], own: string | null = null): Schemas["ReviewPage"] {
  const { length } = results;
  const numbers = { count: length, total_pages: 1, current_page: 1, next: null, previous: null };
  return { summary: ratings(), own_review_id: own, ...numbers, results };
}

/** A lesson with all that it holds. */
export function lessonView(changes: Partial<Schemas["LessonView"]> = {}): Schemas["LessonView"] {
  return {
    id: "lesson-1",
    course_id: "course-1",
    section_id: "section-1",
    title: "Ownership",
    description: "",
    kind: "text",
    duration_minutes: 10,
    duration_seconds: 600,
    is_preview: false,
    video_id: null,
    video_url: null,
    content: null,
    quiz: null,
    resources: [],
    ...changes,
  };
}

/** A quiz as students see it. */
export function quiz(changes: Partial<Schemas["QuizView"]> = {}): Schemas["QuizView"] {
  return {
    version: 3,
    pass_percent: 70,
    attempts_max: 3,
    questions: [
      { text: "Who frees a value?", points: 2, kind: "single", options: ["Nobody", "Its owner"] },
      { text: "Which are numbers?", points: 1, kind: "multiple", options: ["u8", "str", "f64"] },
      { text: "Earth's gravity?", points: 1, kind: "numeric", options: [] },
      { text: "What is moved?", points: 1, kind: "short_text", options: [] },
    ],
    ...changes,
  };
}
