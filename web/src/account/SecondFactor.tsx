import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { CodeField } from "../auth/CodeField";
import { CurrentPassword } from "../auth/PasswordField";
import { useAuth } from "../auth/useAuth";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { Secret } from "../ui/Secret";
import { takeFocus } from "../ui/takeFocus";
import { useForm } from "../ui/useForm";

const text = t.account.security;

/** The second factor: off, being set up, or on. */
export function SecondFactor() {
  const { user } = useAuth();
  const queries = useQueryClient();
  // Held here and not by what made them: they outlive the change from off to on.
  const [codes, setCodes] = useState<string[] | null>(null);
  const [off, setOff] = useState(false);
  const changed = () => queries.invalidateQueries({ queryKey: ["me"] });
  const onCodes = (made: string[]) => {
    setOff(false);
    setCodes(made);
    void changed();
  };
  const onOff = () => {
    setOff(true);
    void changed();
  };
  return (
    <section className="card stack" aria-labelledby="factor">
      <h2 id="factor">{text.factor}</h2>
      {user === null && <Loading />}
      {codes !== null && <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />}
      {off && (
        <Notice kind="good">
          <p>{text.disabled}</p>
        </Notice>
      )}
      {codes === null && user?.mfa_enabled === false && <SetUp onCodes={onCodes} />}
      {codes === null && user?.mfa_enabled === true && <On onCodes={onCodes} onOff={onOff} />}
    </section>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <div className="stack" ref={takeFocus} tabIndex={-1}>
      <Notice kind="good" title={text.factorOn}>
        <p>{text.codesLead}</p>
      </Notice>
      <Secret label={text.codesTitle} text={codes.join("\n")} file={text.codesFile} lines />
      <div>
        <button type="button" className="button primary" onClick={onKept}>
          {text.codesKept}
        </button>
      </div>
    </div>
  );
}

function SetUp({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const setUp = useChange(() => call(api.POST("/api/v1/auth/mfa/setup")));
  return (
    <>
      <p className="muted">{text.factorOff}</p>
      <ErrorNotice error={setUp.error} />
      {setUp.data === undefined ? (
        <div>
          <button type="button" className="button primary" disabled={setUp.isPending} onClick={() => setUp.mutate()}>
            {text.setUp}
          </button>
        </div>
      ) : (
        <div className="scan">
          <div className="stack-small">
            <strong ref={takeFocus} tabIndex={-1}>
              {text.scan}
            </strong>
            <img
              className="qr"
              src={`data:image/svg+xml,${encodeURIComponent(setUp.data.qr_svg)}`}
              alt={text.qr}
              width={240}
              height={240}
            />
          </div>
          <div className="stack">
            <Secret label={text.secret} text={setUp.data.secret} />
            <Enable onCodes={onCodes} />
          </div>
        </div>
      )}
    </>
  );
}

function Enable({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const enable = useChange(async (body: { code: string }) => {
    onCodes((await call(api.POST("/api/v1/auth/mfa/enable", { body }))).recovery_codes);
  });
  const form = useForm({ code: "" }, enable);
  return (
    <form className="stack" onSubmit={form.onSubmit}>
      <ErrorNotice error={form.error} />
      <CodeField recovery={false} {...form.text("code")} />
      <div>
        <button type="submit" className="button primary" disabled={enable.isPending}>
          {text.enable}
        </button>
      </div>
    </form>
  );
}

function On({ onCodes, onOff }: { onCodes: (codes: string[]) => void; onOff: () => void }) {
  const [doing, setDoing] = useState<"codes" | "off" | null>(null);
  return (
    <>
      <p className="muted">{text.factorOn}</p>
      <div className="row">
        <button
          type="button"
          className="button"
          aria-expanded={doing === "codes"}
          onClick={() => setDoing(doing === "codes" ? null : "codes")}
        >
          {text.newCodes}
        </button>
        <button
          type="button"
          className="button danger"
          aria-expanded={doing === "off"}
          onClick={() => setDoing(doing === "off" ? null : "off")}
        >
          {text.disable}
        </button>
      </div>
      {doing === "codes" && <NewCodes onCodes={onCodes} />}
      {doing === "off" && <Disable onOff={onOff} />}
    </>
  );
}

function NewCodes({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const renew = useChange(async (body: { code: string }) => {
    onCodes((await call(api.POST("/api/v1/auth/mfa/recovery-codes", { body }))).recovery_codes);
  });
  const form = useForm({ code: "" }, renew);
  return (
    <form className="stack narrow" onSubmit={form.onSubmit}>
      <p>{text.newCodesLead}</p>
      <ErrorNotice error={form.error} />
      <CodeField {...form.text("code")} />
      <div>
        <button type="submit" className="button primary" disabled={renew.isPending}>
          {text.makeCodes}
        </button>
      </div>
    </form>
  );
}

function Disable({ onOff }: { onOff: () => void }) {
  const disable = useChange(async ({ password, code }: { password: string; code: string }) => {
    await call(api.POST("/api/v1/auth/mfa/disable", { body: { code, ...(password !== "" && { password }) } }));
    onOff();
  });
  const form = useForm({ password: "", code: "" }, disable);
  return (
    <form className="stack narrow" onSubmit={form.onSubmit}>
      <p>{text.disableLead}</p>
      <ErrorNotice error={form.error} />
      <CurrentPassword required={false} optional={false} {...form.text("password")} />
      <CodeField {...form.text("code")} />
      <div>
        <button type="submit" className="button danger" disabled={disable.isPending}>
          {text.disable}
        </button>
      </div>
    </form>
  );
}
