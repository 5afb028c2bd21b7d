import { type ComponentProps, useState } from "react";

import { t } from "../text";
import { TextField } from "../ui/Field";

type Props = Omit<ComponentProps<typeof TextField>, "label"> & { label?: string };

/** The password that somebody has. */
export function CurrentPassword(input: Props) {
  return <Password label={t.auth.password} autoComplete="current-password" {...input} />;
}

/** The password that somebody will have. What the server's rules say of it is shown beside it. */
export function NewPassword(input: Props) {
  return (
    <Password
      label={t.auth.newPassword}
      autoComplete="new-password"
      maxLength={128}
      hint={t.auth.passwordHint}
      {...input}
    />
  );
}

/** Can be looked at: whoever sees what he types makes a long one without a mistake. */
function Password({ label, ...input }: ComponentProps<typeof TextField>) {
  const [shown, setShown] = useState(false);
  const action = {
    text: shown ? t.auth.hide : t.auth.show,
    label: shown ? t.auth.hideLabel(label) : t.auth.showLabel(label),
    onPress: () => setShown(!shown),
  };
  return (
    <TextField
      label={label}
      required
      autoCapitalize="none"
      spellCheck={false}
      {...input}
      type={shown ? "text" : "password"}
      action={action}
    />
  );
}
