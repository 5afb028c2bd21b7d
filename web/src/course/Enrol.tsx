import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { useAuth } from "../auth/useAuth";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";

/** The way into a course. */
export function Enrol({ course }: { course: Schemas["CourseDetail"] }) {
  const { signedIn, user } = useAuth();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const enrol = useMutation({
    mutationFn: () => call(api.POST("/api/v1/courses/{id}/enroll", { params: { path: { id: course.id } } })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries();
      await navigate(`/learn/${id}`);
    },
  });
  if (user?.id === course.instructor.id) {
    return (
      <Link className="button primary" to={`/teach/courses/${course.id}`}>
        {t.course.edit}
      </Link>
    );
  }
  if (course.enrolled && typeof course.enrollment_id === "string") {
    return (
      <Link className="button primary" to={`/learn/${course.enrollment_id}`}>
        {t.course.goOn}
      </Link>
    );
  }
  if (course.price !== 0) return <p className="small muted">{t.course.paid}</p>;
  if (!signedIn) {
    return (
      <Link className="button primary" to={`/login?next=${encodeURIComponent(pathname)}`}>
        {t.course.loginToEnroll}
      </Link>
    );
  }
  return (
    <>
      <button type="button" className="button primary" disabled={enrol.isPending} onClick={() => enrol.mutate()}>
        {enrol.isPending ? t.course.enrolling : t.course.enroll}
      </button>
      <ErrorNotice error={enrol.error} />
    </>
  );
}
