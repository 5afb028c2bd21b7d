import { useQuery } from "@tanstack/react-query";

import { related } from "../api/catalogue";
import { CourseCard } from "../catalogue/CourseCard";
import { t } from "../text";

/** Courses like this one; nothing where there is none, or they can't be read: the page does without. */
export function Related({ courseId }: { courseId: string }) {
  const courses = useQuery(related(courseId)).data?.results ?? [];
  if (courses.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="related">
      <h2 id="related">{t.course.related}</h2>
      <ul className="cards cards-narrow">
        {courses.map((course) => (
          <li key={course.id}>
            <CourseCard course={course} level={3} />
          </li>
        ))}
      </ul>
    </section>
  );
}
