import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { t } from "../text";

/** Who teaches a course, with his numbers. */
export function Teacher({ teacher }: { teacher: Schemas["TeacherProfile"] }) {
  const name = `${teacher.first_name} ${teacher.last_name}`.trim();
  if (name === "") return null;
  const { bio, profile_picture: picture, courses_count, students_count, rating } = teacher.profile;
  const numbers = [
    t.course.teacherCourses(courses_count),
    t.course.students(students_count),
    ...(typeof rating === "number" ? [t.course.teacherRating(rating.toFixed(1))] : []),
  ];
  return (
    <section className="stack" aria-labelledby="teacher">
      <h2 id="teacher">{t.course.teacher}</h2>
      <div className="card row teacher">
        {picture === "" ? (
          <div className="avatar" aria-hidden="true">
            {[...name][0]?.toUpperCase()}
          </div>
        ) : (
          <img className="avatar" src={picture} alt="" />
        )}
        <div className="stack-small grow">
          <h3>{name}</h3>
          <p className="small muted">{numbers.join(" · ")}</p>
          {bio !== "" && <p className="prewrap">{bio}</p>}
          <Link className="small" to={`/?${new URLSearchParams({ instructor: teacher.id }).toString()}`}>
            {t.course.moreOf(name)}
          </Link>
        </div>
      </div>
    </section>
  );
}
