import { useEffect, useState, useSyncExternalStore } from "react";
import { Link } from "react-router";

import { api, call } from "../api/client";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { Dialog } from "../ui/Dialog";
import { ErrorNotice } from "../ui/Notice";
import { useForm } from "../ui/useForm";
import { CodeField } from "./CodeField";
import { CurrentPassword } from "./PasswordField";
import { stepUp } from "./stepUp";
import { useAuth } from "./useAuth";

/** Asks for the password or a code when a request waits for it. */
export function StepUpDialog() {
  const asked = useSyncExternalStore(stepUp.subscribe, () => stepUp.asked);
  const { signedIn } = useAuth();
  useEffect(() => {
    // The session has ended meanwhile: nothing can be proved in it.
    if (asked && !signedIn) stepUp.settle(false);
  }, [asked, signedIn]);
  return asked && signedIn ? <Question /> : null;
}

function Question() {
  const { user } = useAuth();
  // The second factor may have been turned on elsewhere a moment ago.
  const [codeNeeded, setCodeNeeded] = useState(false);
  const byCode = codeNeeded || user?.mfa_enabled === true;
  const prove = useChange(async ({ proof }: { proof: string }) => {
    try {
      await call(api.POST("/api/v1/auth/reauthenticate", { body: byCode ? { code: proof } : { password: proof } }));
    } catch (error) {
      if (ApiError.from(error).code === "CODE_REQUIRED") setCodeNeeded(true);
      throw error;
    }
    stepUp.settle(true);
  });
  const form = useForm({ proof: "" }, prove);
  const close = () => stepUp.settle(false);
  return (
    <Dialog title={t.proof.stepUpTitle} onClose={close}>
      <p className="muted">{byCode ? t.proof.stepUpCode : t.proof.stepUpPassword}</p>
      <form className="stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={prove.error} />
        {form.error?.code === "NO_PASSWORD" && (
          <Link to="/forgot-password" onClick={close}>
            {t.proof.setPassword}
          </Link>
        )}
        {byCode ? (
          <CodeField autoFocus {...form.text("proof")} />
        ) : (
          <CurrentPassword autoFocus {...form.text("proof")} />
        )}
        <div className="row">
          <button type="submit" className="button primary" disabled={prove.isPending}>
            {t.proof.stepUpSubmit}
          </button>
          <button type="button" className="button" onClick={close}>
            {t.common.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
