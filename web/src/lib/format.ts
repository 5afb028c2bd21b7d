import { t } from "../text";

/** Seconds as `1:02:03` or `2:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Seconds for a screen reader: "1 hour 2 minutes". */
export function spokenDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 3600), t.units.hours],
    [Math.floor(whole / 60) % 60, t.units.minutes],
    [whole % 60, t.units.seconds],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => unit(n));
  return said.length > 0 ? said.join(" ") : t.units.seconds(0);
}

/** Bytes as `12.3 MB`, in decimal units as browsers and file managers show them. */
export function bytes(count: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(units.length - 1, count < 1000 ? 0 : Math.floor(Math.log10(count) / 3));
  const unit = units[step] ?? "gigabyte";
  const format = new Intl.NumberFormat(t.locale, { style: "unit", unit, maximumFractionDigits: step > 1 ? 1 : 0 });
  return format.format(count / 1000 ** step);
}

/** An amount of money; nothing to pay is said in a word. */
export function price(amount: number, currency: string): string {
  return amount === 0 ? t.course.free : money(amount, currency);
}

/** An amount of money as it is written, also where it is nothing. */
export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat(t.locale, { style: "currency", currency }).format(amount);
}

/** As [money], of an amount in the currency's smallest unit. */
export function minorMoney(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(t.locale, { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** A day of the calendar, `2026-11-20`, which is the same day everywhere. */
export function day(date: string): string {
  return new Intl.DateTimeFormat(t.locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date));
}

/** The month of a day of the calendar, in short: "Nov". */
export function month(date: string): string {
  return new Intl.DateTimeFormat(t.locale, { month: "short", timeZone: "UTC" }).format(new Date(date));
}

/** A moment as date and time of this device. */
export function moment(when: string | number): string {
  const date = typeof when === "number" ? new Date(when * 1000) : new Date(when);
  return new Intl.DateTimeFormat(t.locale, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** A count with the separators of the language. */
export function number(count: number): string {
  return new Intl.NumberFormat(t.locale).format(count);
}
