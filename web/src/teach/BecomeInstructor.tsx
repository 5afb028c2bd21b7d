import { useQuery } from "@tanstack/react-query";

import { profile } from "../api/account";
import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { moment } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Page } from "../ui/Page";

/** Lets a student ask to teach: he may at once, or an admin decides. */
export function BecomeInstructor() {
  const own = useQuery(profile);
  const ask = useChange(() => call(api.POST("/api/v1/users/become-instructor")), ["me"], profile.queryKey);
  const asked = ask.data?.requested_at ?? own.data?.instructor_requested_at;
  return (
    <Page title={t.teach.notInstructor} lead={t.teach.notInstructorBody} width="narrow">
      <div className="card stack">
        <ErrorNotice error={own.error ?? ask.error} />
        {asked == null ? (
          <button type="button" className="button primary" disabled={ask.isPending} onClick={() => ask.mutate()}>
            {t.teach.become}
          </button>
        ) : (
          <Notice>
            <p>{t.teach.asked(moment(asked))}</p>
          </Notice>
        )}
      </div>
    </Page>
  );
}
