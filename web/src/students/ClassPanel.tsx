import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import {
  type AttendanceStatus,
  type Lecture,
  type PermissionChanges,
  setAttendance,
  setPermissions,
  type Student,
  videoStats,
} from "../api/teaching";
import { useChange } from "../api/useChange";
import { number } from "../lib/format";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { MoreButton } from "../ui/MoreButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { Tile } from "../ui/Tile";
import { BulkBar } from "./BulkBar";
import { ClassFile } from "./ClassFile";
import { ClassTable } from "./ClassTable";
import { PermissionDialog } from "./PermissionDialog";
import type { Chosen } from "./chosen";

const text = t.students;

/** A section of a course, whose attendance can be set. */
export interface Place {
  course: string;
  section: string;
}

/** Whom a dialog is about: one student, or all who were chosen. */
type Asked = Student | "chosen" | null;

/** Who takes the course of a video: how far each has watched, whether he was there, what he may do; and the change of that. */
export function ClassPanel({ lecture, place, speeds }: { lecture: Lecture; place: Place | null; speeds: number[] }) {
  const list = useInfiniteQuery(videoStats(lecture));
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<Chosen>(new Set<string>());
  const [asked, setAsked] = useState<Asked>(null);
  const outdated = ["video-stats", lecture.video];
  const rules = useChange(
    ({ who, changes }: { who: Chosen; changes: PermissionChanges | null }) => setPermissions(lecture, who, changes),
    outdated,
  );
  const attendance = useChange(async ({ who, status }: { who: ReadonlySet<string>; status: AttendanceStatus | null }) => {
    if (place !== null) await setAttendance(place.course, place.section, who, status);
  }, outdated);

  const stats = list.data?.pages[0]?.stats;
  const students = list.data?.pages.flatMap((page) => page.students) ?? [];
  const wanted = search.trim().toLocaleLowerCase(t.locale);
  const shown = students.filter((one) => one.student_name.toLocaleLowerCase(t.locale).includes(wanted));
  const busy = rules.isPending || attendance.isPending;
  // What was said of the last change is over with the next one.
  const setRules = (who: Chosen, changes: PermissionChanges | null, options?: { onSuccess: () => void }) => {
    attendance.reset();
    rules.mutate({ who, changes }, options);
  };
  const onAttendance = (who: ReadonlySet<string>, status: AttendanceStatus | null) => {
    rules.reset();
    attendance.mutate({ who, status });
  };
  return (
    <section className="card stack" aria-labelledby="class">
      <div className="row">
        <h2 id="class" className="lesson-title">
          {text.title}
        </h2>
        {students.length > 0 && <ClassFile lecture={lecture} />}
      </div>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Loading />}
      {stats !== undefined && (
        <dl className="tiles">
          <Tile name={text.total} value={number(stats.total_students)} />
          <Tile name={text.average} value={text.percent(stats.avg_progress)} />
          <Tile name={text.completed90} value={number(stats.completed_90)} />
          <Tile name={text.completed100} value={number(stats.completed_100)} />
        </dl>
      )}
      {list.isSuccess && students.length === 0 && <p className="empty">{text.empty}</p>}
      {students.length > 0 && (
        <>
          <div className="narrow">
            <TextField
              label={text.find}
              type="search"
              required
              value={search}
              onChange={({ target }) => setSearch(target.value)}
            />
          </div>
          <BulkBar
            chosen={chosen}
            total={stats?.total_students ?? students.length}
            busy={busy}
            canMark={place !== null}
            onChosen={setChosen}
            onRule={(rule) => setRules(chosen, { rule })}
            onAttendance={(status) => chosen !== "all" && onAttendance(chosen, status)}
            onMore={() => setAsked("chosen")}
          />
          {asked === null && <ErrorNotice error={rules.error ?? attendance.error} />}
          {(rules.isSuccess || attendance.isSuccess) && (
            <Notice kind="good">
              <p>{t.common.saved}</p>
            </Notice>
          )}
          <ClassTable
            students={shown}
            chosen={chosen}
            busy={busy}
            canMark={place !== null}
            onChosen={setChosen}
            onRule={(one, rule) => setRules(new Set([one.enrollment]), { rule })}
            onAttendance={(one, status) => onAttendance(new Set([one.enrollment]), status)}
            onMore={setAsked}
          />
          {shown.length === 0 && <p role="status">{text.noneFound}</p>}
          <MoreButton {...list} />
        </>
      )}
      {asked !== null && (
        <PermissionDialog
          video={lecture.video}
          student={asked === "chosen" ? null : asked}
          speeds={speeds}
          error={rules.error}
          busy={busy}
          onSave={(changes) => {
            const who: Chosen = asked === "chosen" ? chosen : new Set([asked.enrollment]);
            setRules(who, changes, { onSuccess: () => setAsked(null) });
          }}
          onClose={() => {
            rules.reset();
            setAsked(null);
          }}
        />
      )}
    </section>
  );
}
