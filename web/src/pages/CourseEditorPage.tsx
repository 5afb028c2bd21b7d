import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { ApiError } from "../api/errors";
import { course as courseQuery, ownChannel } from "../api/queries";
import { DetailsForm } from "../teach/DetailsForm";
import { LeftOut } from "../teach/LeftOut";
import { PublishPanel } from "../teach/PublishPanel";
import { Sections } from "../teach/Sections";
import { Thumbnail } from "../teach/Thumbnail";
import { WholeCourse } from "../teach/WholeCourse";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { NotFoundPage } from "./NotFoundPage";

/** A course as its instructor makes it. */
export function CourseEditorPage() {
  const { courseId = "" } = useParams();
  const query = useQuery(courseQuery(courseId));
  const channel = useQuery(ownChannel);
  if (query.isPending)
    return (
      <Page title={t.common.loading}>
        <Loading />
      </Page>
    );
  if (query.error !== null) {
    if (ApiError.from(query.error).status === 404) return <NotFoundPage title={t.course.notFound} />;
    return (
      <Page title={t.errors.title}>
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  const course = query.data;
  return (
    <Page
      title={course.title}
      width="wide"
      lead={<span className={course.is_published ? "tag tag-good" : "tag"}>{t.teach.status[course.status]}</span>}
      actions={
        <>
          <Link className="button" to="/teach">
            {t.teach.title}
          </Link>
          <Link className="button" to={`/courses/${course.slug}`}>
            {t.editor.view}
          </Link>
        </>
      }
    >
      <PublishPanel course={course} />
      {channel.data === null && (
        <Notice>
          <p>
            <Link to="/teach">{t.editor.channelFirst}</Link>
          </p>
        </Notice>
      )}
      <LeftOut />
      <Sections key={course.id} course={course} />
      <DetailsForm key={`details ${course.id}`} course={course} />
      <Thumbnail course={course} />
      <WholeCourse course={course} />
    </Page>
  );
}
