/** The enrolments that were chosen, or the whole class, also those of it that are not on the page. */
export type Chosen = ReadonlySet<string> | "all";

/** Whether a student is among them. */
export const isChosen = (chosen: Chosen, enrollment: string): boolean => chosen === "all" || chosen.has(enrollment);

/** With this one too, or without him. Without one the whole class is those on the page. */
export function toggled(chosen: Chosen, enrollment: string, onPage: string[]): Chosen {
  const next = new Set(chosen === "all" ? onPage : chosen);
  if (!next.delete(enrollment)) next.add(enrollment);
  return next;
}
