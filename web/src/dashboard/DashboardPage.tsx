import { useQuery } from "@tanstack/react-query";

import { recommendations } from "../api/dashboard";
import { useAuth } from "../auth/useAuth";
import { CourseCard } from "../catalogue/CourseCard";
import { t } from "../text";
import { Page } from "../ui/Page";
import { Activity } from "./Activity";
import { GoOn } from "./GoOn";
import { Numbers } from "./Numbers";

const text = t.dashboard;

/** What a learner sees first: where he goes on, his numbers, the days on which he learned, and what he could learn next. */
export function DashboardPage() {
  const { user } = useAuth();
  return (
    <Page title={text.title} lead={text.hello(user?.first_name ?? "")} width="wide">
      <GoOn />
      <Numbers />
      <Activity />
      <Recommended />
    </Page>
  );
}

/** Nothing where there is none, or they can't be read: the page does without. */
function Recommended() {
  const courses = useQuery(recommendations).data?.results ?? [];
  if (courses.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="recommended">
      <h2 id="recommended">{text.recommended}</h2>
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
