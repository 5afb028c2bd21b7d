import { money } from "../lib/format";

/** Amounts below each other, the last one being their sum. */
export function Amounts({ lines, currency }: { lines: [name: string, amount: number][]; currency: string }) {
  return (
    <dl className="amounts">
      {lines.map(([name, amount], at) => (
        <div key={name} className={at === lines.length - 1 ? "amounts-total" : undefined}>
          <dt>{name}</dt>
          <dd>{money(amount, currency)}</dd>
        </div>
      ))}
    </dl>
  );
}
