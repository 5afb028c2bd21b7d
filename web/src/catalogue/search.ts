import { api, type Schemas } from "../api/client";

type Click = Schemas["ResultClick"];

/** Where something leads that was found or suggested. */
export function searchAddress({ kind, id, slug, title }: { kind: Click["kind"]; id: string; slug: string; title: string }): string {
  switch (kind) {
    case "course":
      return `/courses/${slug}`;
    case "category":
      return `/?${new URLSearchParams({ category: slug }).toString()}`;
    case "instructor":
      return `/?${new URLSearchParams({ instructor: id }).toString()}`;
    // They have no page here; courses of that name may be about them.
    case "channel":
    case "video":
      return `/?${new URLSearchParams({ search: title }).toString()}`;
  }
}

/** Tells the platform which result was chosen, while the page may already be on its way to it. Nobody waits for it. */
export function noteClick(click: Click): void {
  api.POST("/api/v1/search/click", { body: click, keepalive: true }).catch(() => undefined);
}
