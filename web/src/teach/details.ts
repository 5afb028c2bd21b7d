import type { Schemas } from "../api/client";

type Course = Schemas["CourseView"];

/** Values of one line each. */
const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** What stands between the commas of a field. */
export const words = (text: string) => lines(text.replaceAll(",", "\n"));

/** What a course says of itself, as a form holds it. */
export function detailsOf(course: Course) {
  const amount = (price: number | null | undefined) => (typeof price === "number" ? String(price) : "");
  return {
    title: course.title,
    short_description: course.short_description,
    description: course.description,
    category: course.category,
    level: course.level,
    language: course.language,
    price: amount(course.price),
    original_price: amount(course.original_price),
    in_plans: course.in_plans,
    outcomes: course.outcomes.join("\n"),
    requirements: course.requirements.join("\n"),
    prerequisites: course.prerequisites,
    tags: course.tags.join(", "),
  };
}

export type Details = ReturnType<typeof detailsOf>;

/** What is sent of a form. A price that was set can't be taken away, only changed. */
export function updateOf({ price, original_price, outcomes, requirements, tags, ...rest }: Details): Schemas["UpdateCourse"] {
  return {
    ...rest,
    ...(price !== "" && { price: Number(price) }),
    original_price: original_price === "" ? null : Number(original_price),
    outcomes: lines(outcomes),
    requirements: lines(requirements),
    tags: words(tags),
  };
}
