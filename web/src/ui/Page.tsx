import { type ReactNode, useEffect, useRef } from "react";

import { t } from "../text";

/**
 * A page: its title in the tab and as the heading, which gets the focus so that screen readers say where they are; unless
 * something on the page asks for the focus itself.
 */
export function Page({
  title,
  lead,
  actions,
  width = "normal",
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  width?: "narrow" | "normal" | "wide";
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === t.name ? title : `${title} · ${t.name}`;
  }, [title]);
  useEffect(() => {
    const page = heading.current?.closest(".page");
    if (page?.contains(document.activeElement) !== true) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={width === "normal" ? "page" : `page page-${width}`}>
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className="lead">{lead}</p>}
        </div>
        {actions !== undefined && <div className="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Shown while something loads; it appears late, so that quick answers do not flicker. */
export function Loading() {
  return (
    <p className="loading" role="status">
      <span className="spinner-inline" aria-hidden="true" /> {t.common.loading}
    </p>
  );
}

/** A bar that fills, with its value for screen readers. */
export function ProgressBar({
  label,
  value,
  max = 100,
  text,
}: {
  label: string;
  value: number;
  max?: number;
  text?: string;
}) {
  const part = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.round(value)}
      aria-valuetext={text}
    >
      <div className="progress-fill" style={{ transform: `scaleX(${part})` }} />
    </div>
  );
}
