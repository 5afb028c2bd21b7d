import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { planFeatures } from "../api/commerce";
import { useAuth } from "../auth/useAuth";
import { Buy, WishButton } from "../shop/Buy";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";

type Course = Schemas["CourseDetail"];

/** The way into a course. */
export function Enrol({ course }: { course: Course }) {
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
  if (typeof course.price !== "number") return null;
  const isPaid = course.price > 0;
  if (!signedIn) {
    return (
      <Link className="button primary" to={`/login?next=${encodeURIComponent(pathname)}`}>
        {isPaid ? t.shop.loginToBuy : t.course.loginToEnroll}
      </Link>
    );
  }
  return (
    <>
      {isPaid && course.in_plans && (
        <ByPlan busy={enrol.isPending} error={enrol.error} onTake={() => enrol.mutate()} />
      )}
      {isPaid ? (
        <Buy course={course} />
      ) : (
        <>
          <button type="button" className="button primary" disabled={enrol.isPending} onClick={() => enrol.mutate()}>
            {enrol.isPending ? t.course.enrolling : t.course.enroll}
          </button>
          <ErrorNotice error={enrol.error} />
        </>
      )}
      <WishButton course={course} title={course.title} />
    </>
  );
}

/** The way with a plan, for who has one that covers the course; the way to one for all others. */
function ByPlan({ busy, error, onTake }: { busy: boolean; error: Error | null; onTake: () => void }) {
  const plan = useQuery(planFeatures);
  if (plan.data?.features.premium_content !== true) {
    return plan.isPending ? null : <Link to="/account/subscription">{t.course.seePlans}</Link>;
  }
  return (
    <>
      <button type="button" className="button primary" disabled={busy} onClick={onTake}>
        {busy ? t.course.enrolling : t.course.takeWithPlan}
      </button>
      <ErrorNotice error={error} />
    </>
  );
}
