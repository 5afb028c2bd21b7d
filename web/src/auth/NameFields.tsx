import { t } from "../text";
import { TextField } from "../ui/Field";
import type { useForm } from "../ui/useForm";

type Form = Pick<ReturnType<typeof useForm<{ first_name: string; last_name: string }>>, "text">;

/** Given and family name. */
export function NameFields({ form }: { form: Form }) {
  return (
    <div className="fields">
      <TextField
        label={t.auth.firstName}
        autoComplete="given-name"
        required
        maxLength={100}
        {...form.text("first_name")}
      />
      <TextField label={t.auth.lastName} autoComplete="family-name" required maxLength={100} {...form.text("last_name")} />
    </div>
  );
}
