import { type ComponentProps, useState } from "react";

import { t } from "../text";
import { TextField } from "../ui/Field";

/** A code of the second factor: six digits of the app, or a recovery code where that is allowed. */
export function CodeField({
  recovery = true,
  ...input
}: { recovery?: boolean } & Omit<ComponentProps<typeof TextField>, "label">) {
  const [byApp, setByApp] = useState(true);
  const kind = byApp
    ? ({ inputMode: "numeric", autoComplete: "one-time-code", maxLength: 7 } as const)
    : ({ autoComplete: "off", autoCapitalize: "characters", maxLength: 40 } as const);
  return (
    <div className="stack-small">
      <TextField
        key={byApp ? "app" : "recovery"}
        label={byApp ? t.proof.code : t.proof.recoveryCode}
        hint={byApp ? t.proof.codeHint : t.proof.recoveryHint}
        required
        spellCheck={false}
        {...kind}
        {...input}
      />
      {recovery && (
        <button type="button" className="button quiet small-button" onClick={() => setByApp(!byApp)}>
          {byApp ? t.proof.useRecovery : t.proof.useApp}
        </button>
      )}
    </div>
  );
}
