import { Link, useSearchParams } from "react-router";

import { api, call } from "../api/client";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { pathAfterLogin, useAuth } from "../auth/useAuth";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Page } from "../ui/Page";

/** With a token, from the mail: confirms the address. Without one: says that a mail is on its way. */
export function VerifyEmailPage() {
  const [search] = useSearchParams();
  const token = search.get("token");
  return token === null ? <Check next={pathAfterLogin(search)} /> : <Verify token={token} />;
}

function Check({ next }: { next: string }) {
  const { user } = useAuth();
  if (user?.email_verified === true) return <Verified next={next} />;
  return (
    <Page title={t.mailbox.checkTitle} width="narrow">
      <div className="card stack">
        <p>{user === null ? t.mailbox.checkLogin : t.mailbox.check(user.email)}</p>
        <Resend />
        <Link className="button primary" to={next}>
          {t.auth.goOn}
        </Link>
      </div>
    </Page>
  );
}

function Verify({ token }: { token: string }) {
  // A click and not the visit alone: some mail programs open every link before their owner does.
  const { user } = useAuth();
  const verify = useChange(() => call(api.POST("/api/v1/auth/verify-email", { body: { token } })), ["me"]);
  // A link works once: who follows his own again hears that all is well.
  const again = verify.isError && ApiError.from(verify.error).code === "TOKEN_INVALID" && user?.email_verified === true;
  if (verify.isSuccess || again) return <Verified next="/learn" />;
  return (
    <Page title={t.mailbox.verifyTitle} lead={t.mailbox.verifyLead} width="narrow">
      <div className="card stack">
        <ErrorNotice error={verify.error} />
        {verify.isError && <Resend />}
        <button type="button" className="button primary" disabled={verify.isPending} onClick={() => verify.mutate()}>
          {t.mailbox.verify}
        </button>
      </div>
    </Page>
  );
}

function Verified({ next }: { next: string }) {
  const { signedIn } = useAuth();
  return (
    <Page title={t.mailbox.verifyTitle} width="narrow">
      <div className="card stack">
        <Notice kind="good">
          <p>{t.mailbox.verified}</p>
        </Notice>
        <Link className="button primary" to={signedIn ? next : "/login"}>
          {signedIn ? t.auth.goOn : t.auth.toLogin}
        </Link>
      </div>
    </Page>
  );
}

/** Has the mail sent again: only for who is logged in, since the account says where to. */
function Resend() {
  const { signedIn } = useAuth();
  const resend = useChange(() => call(api.POST("/api/v1/auth/resend-verification")));
  if (!signedIn) return <Link to="/login?next=/verify-email">{t.mailbox.loginToResend}</Link>;
  return (
    <>
      <ErrorNotice error={resend.error} />
      {resend.isSuccess && (
        <Notice kind="good">
          <p>{t.mailbox.resent}</p>
        </Notice>
      )}
      <button type="button" className="button" disabled={resend.isPending} onClick={() => resend.mutate()}>
        {t.mailbox.resend}
      </button>
    </>
  );
}
