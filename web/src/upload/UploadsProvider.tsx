import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";

import { ApiError } from "../api/errors";
import { t } from "../text";
import { fingerprint } from "./fingerprint";
import { pending } from "./pending";
import { isRunning } from "./state";
import { newUpload, sleep, type UploadRecord, UploadTask } from "./task";
import { type Target, transport } from "./transport";

interface Uploads {
  /** The uploads of this browser that are not done and gone. */
  tasks: readonly UploadTask[];
  /** Begins to upload `file`. */
  begin: (file: File, title: string, target: Target, returnTo: string) => Promise<void>;
  /** Goes on, with a file that was chosen again where the page was loaded anew. Rejects when it is another file. */
  resume: (task: UploadTask, file?: File) => Promise<void>;
  /** Gives it up. */
  cancel: (task: UploadTask) => Promise<void>;
  /** Takes it from the list. */
  dismiss: (task: UploadTask) => void;
}

const Context = createContext<Uploads | null>(null);

/** The uploads of this browser. */
export function useUploads(): Uploads {
  const uploads = use(Context);
  if (uploads === null) throw new Error("useUploads needs an UploadsProvider above it");
  return uploads;
}

const deps = { transport, sleep, save: (record: UploadRecord) => pending.save(record) };

/** Codes after which an upload can't go on: it must begin anew. */
const GONE = new Set(["UPLOAD_NOT_FOUND", "UPLOAD_ABORTED", "VIDEO_NOT_FOUND"]);

/** Keeps the uploads while pages come and go. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const [tasks, setTasks] = useState<readonly UploadTask[]>(() =>
    pending.all().map((record) => new UploadTask(record, deps)),
  );
  const [files] = useState(() => new Map<string, File>());
  const queries = useQueryClient();

  const run = useCallback(
    async (task: UploadTask, file: File) => {
      files.set(task.record.key, file);
      await task.start(file);
      const { phase, error } = task.state;
      if (phase === "done" || (error !== null && GONE.has(error.code))) pending.forget(task.record.key);
      if (phase === "done") files.delete(task.record.key);
      // The lesson has its video as soon as the upload has begun.
      await queries.invalidateQueries({ queryKey: ["course"] });
    },
    [files, queries],
  );

  const uploads = useMemo<Uploads>(
    () => ({
      tasks,
      async begin(file, title, target, returnTo) {
        if (file.size === 0) throw ApiError.refusal("EMPTY_FILE", t.upload.empty);
        const record = {
          key: crypto.randomUUID(),
          request: newUpload(file, title, target),
          fingerprint: await fingerprint(file),
          uploadId: null,
          videoId: null,
          returnTo,
        };
        const task = new UploadTask(record, deps);
        setTasks((all) => [...all, task]);
        await run(task, file);
      },
      async resume(task, chosen) {
        const file = chosen ?? files.get(task.record.key);
        if (file === undefined) return;
        if (chosen !== undefined && (await fingerprint(chosen)) !== task.record.fingerprint) {
          throw ApiError.refusal("OTHER_FILE", t.upload.otherFile(task.record.request.filename));
        }
        await run(task, file);
      },
      async cancel(task) {
        await task.abort();
        pending.forget(task.record.key);
        files.delete(task.record.key);
        setTasks((all) => all.filter((other) => other !== task));
        await queries.invalidateQueries({ queryKey: ["course"] });
      },
      dismiss(task) {
        setTasks((all) => all.filter((other) => other !== task));
      },
    }),
    [tasks, files, run, queries],
  );

  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      // The browser asks in words of its own whether to leave.
      if (tasks.some((task) => isRunning(task.state))) event.preventDefault();
    };
    window.addEventListener("beforeunload", onLeave);
    return () => window.removeEventListener("beforeunload", onLeave);
  }, [tasks]);

  return <Context value={uploads}>{children}</Context>;
}
