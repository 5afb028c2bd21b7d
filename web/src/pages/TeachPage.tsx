import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { Link, useNavigate } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { ownChannel, ownCourses } from "../api/queries";
import { useAuth } from "../auth/useAuth";
import { spokenDuration } from "../lib/format";
import { BecomeInstructor } from "../teach/BecomeInstructor";
import { ImportCourse } from "../teach/ImportCourse";
import { t } from "../text";
import { TextArea, TextField } from "../ui/Field";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";

/** An instructor's home: the channel and the courses. */
export function TeachPage() {
  const { user } = useAuth();
  const channel = useQuery({ ...ownChannel, enabled: user?.is_instructor === true });
  if (user === null)
    return (
      <Page title={t.teach.title}>
        <Loading />
      </Page>
    );
  if (!user.is_instructor) return <BecomeInstructor />;
  return (
    <Page title={t.teach.title}>
      <ErrorNotice error={channel.error} onRetry={() => void channel.refetch()} />
      {channel.isPending && <Loading />}
      {channel.data === null && <NewChannel />}
      {channel.data && <Channel channel={channel.data} />}
      {channel.data && <Courses />}
    </Page>
  );
}

function Channel({ channel }: { channel: Schemas["ChannelView"] }) {
  const quota = channel.quota;
  const week = quota?.max_videos_per_week;
  return (
    <section className="card stack" aria-labelledby="channel">
      <div className="row">
        <h2 id="channel" className="lesson-title">
          {channel.name}
        </h2>
        <span className="muted">@{channel.handle}</span>
      </div>
      {channel.description !== "" && <p>{channel.description}</p>}
      {quota && (
        <p className="small muted">
          {t.teach.quota(
            spokenDuration(quota.max_video_duration_minutes * 60),
            quota.max_file_size_gb,
            typeof week === "number" ? t.teach.quotaWeek(week) : t.teach.quotaNoWeek,
          )}
        </p>
      )}
    </section>
  );
}

function NewChannel() {
  const queries = useQueryClient();
  const [form, setForm] = useState({ name: "", handle: "", description: "" });
  const create = useMutation({
    mutationFn: () => call(api.POST("/api/v1/channels", { body: form })),
    onSuccess: (channel) => queries.setQueryData(ownChannel.queryKey, channel),
  });
  const fields = create.error === null ? {} : ApiError.from(create.error).fields;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form className="card stack narrow" onSubmit={submit}>
      <h2>{t.teach.channel}</h2>
      <p className="muted">{t.teach.channelLead}</p>
      {Object.keys(fields).length === 0 && <ErrorNotice error={create.error} />}
      <TextField
        label={t.teach.channelName}
        required
        minLength={3}
        maxLength={100}
        value={form.name}
        error={fields.name}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
      />
      <TextField
        label={t.teach.handle}
        hint={t.teach.handleHint}
        required
        minLength={3}
        maxLength={50}
        pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
        autoCapitalize="none"
        spellCheck={false}
        value={form.handle}
        error={fields.handle}
        onChange={(event) => setForm({ ...form, handle: event.target.value })}
      />
      <TextArea
        label={t.teach.description}
        maxLength={5000}
        value={form.description}
        error={fields.description}
        onChange={(event) => setForm({ ...form, description: event.target.value })}
      />
      <button type="submit" className="button primary" disabled={create.isPending}>
        {t.teach.createChannel}
      </button>
    </form>
  );
}

function Courses() {
  const list = useInfiniteQuery(ownCourses);
  const items = list.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <section className="stack" aria-labelledby="courses">
      <h2 id="courses">{t.teach.courses}</h2>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {list.isSuccess && items.length === 0 && <p className="muted">{t.teach.noCourses}</p>}
      {items.length > 0 && (
        <div className="section">
          <ul className="lessons">
            {items.map((course) => (
              <li key={course.id}>
                <Link className="lesson" to={`/teach/courses/${course.id}`}>
                  <span className="lesson-title">{course.title}</span>
                  <span className="small muted">
                    {t.course.lessons(course.lesson_count)} · {t.course.students(course.student_count)}
                  </span>
                  <span className={course.is_published ? "tag tag-good" : "tag"}>{t.teach.status[course.status]}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      <MoreButton {...list} />
      <div className="fields">
        <NewCourse />
        <ImportCourse />
      </div>
    </section>
  );
}

function NewCourse() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [title, setTitle] = useState("");
  const create = useMutation({
    mutationFn: () => call(api.POST("/api/v1/courses", { body: { title } })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ownCourses.queryKey });
      await navigate(`/teach/courses/${id}`);
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit}>
      <h3>{t.teach.newCourse}</h3>
      {create.error !== null && <Notice kind="bad" title={ApiError.from(create.error).message} />}
      <TextField
        label={t.editor.title}
        required
        maxLength={255}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button type="submit" className="button primary" disabled={create.isPending}>
        {t.teach.createCourse}
      </button>
    </form>
  );
}
