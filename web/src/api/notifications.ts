import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, call, type Schemas } from "./client";
import { nextPage } from "./queries";

export type Notification = Schemas["NotificationView"];
export type NotificationPreferences = Schemas["NotificationPreferences"];
export type Digest = Schemas["Digest"];

/** Notifications that are loaded at once. */
const PAGE_SIZE = 20;
/** How often the number of unread ones is looked at while the page is in sight. */
const POLL_MS = 60_000;

/** What everything of the caller's notifications begins with. */
export const NOTIFICATIONS = ["notifications"];

/** What the caller was told, the newest first; all of it or what he has not read. */
export const notifications = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: [...NOTIFICATIONS, "list", unread],
    initialPageParam: {},
    queryFn: ({ pageParam }) => {
      const query = { page_size: PAGE_SIZE, ...(unread && { unread }), ...pageParam };
      return call(api.GET("/api/v1/notifications", { params: { query } }));
    },
    getNextPageParam: (last) => nextPage(last.next),
  });

/** How many the caller has not read. */
export const unreadCount = queryOptions({
  queryKey: [...NOTIFICATIONS, "unread"],
  queryFn: async () => {
    const query = { unread: true, page_size: 1 };
    return (await call(api.GET("/api/v1/notifications", { params: { query } }))).unread_count;
  },
  refetchInterval: POLL_MS,
});

/** Marks these as read. */
export const readThese = (ids: string[]) => call(api.POST("/api/v1/notifications/read", { body: { ids } }));

/** Marks all as read that were made until this moment: one request marks so many, and says whether there are more. */
export async function readUntil(until: string): Promise<void> {
  let more = true;
  while (more) ({ more } = await call(api.POST("/api/v1/notifications/read", { body: { until } })));
}

/** How the caller wants to be told things. */
export const preferences = queryOptions({
  queryKey: ["notification-preferences"],
  queryFn: () => call(api.GET("/api/v1/notifications/preferences")),
});

/** Changes how the caller wants to be told things; what is not named stays. */
export const changePreferences = (body: Schemas["UpdateNotificationPreferences"]) =>
  call(api.PUT("/api/v1/notifications/preferences", { body }));
