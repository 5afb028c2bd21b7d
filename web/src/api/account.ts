import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, call } from "./client";
import { nextPage } from "./queries";

/** The login providers of this platform. */
export const providers = queryOptions({
  queryKey: ["providers"],
  queryFn: () => call(api.GET("/api/v1/auth/social/providers")),
  staleTime: Infinity,
});

/** What the caller tells of himself, and what he wants. */
export const profile = queryOptions({
  queryKey: ["profile"],
  queryFn: () => call(api.GET("/api/v1/users/profile")),
});

/** Where the caller is logged in. */
export const logins = queryOptions({
  queryKey: ["logins"],
  queryFn: () => call(api.GET("/api/v1/auth/sessions")),
});

/** The devices that the caller's account knows. */
export const devices = queryOptions({
  queryKey: ["devices"],
  queryFn: () => call(api.GET("/api/v1/auth/devices")),
});

/** What happened to the safety of the caller's account. */
export const securityEvents = infiniteQueryOptions({
  queryKey: ["security-events"],
  initialPageParam: {},
  queryFn: ({ pageParam }) => call(api.GET("/api/v1/auth/events", { params: { query: { page_size: 30, ...pageParam } } })),
  getNextPageParam: (last) => nextPage(last.next),
});

/** The logins of providers that open the caller's account. */
export const linkedLogins = queryOptions({
  queryKey: ["linked-logins"],
  queryFn: () => call(api.GET("/api/v1/auth/social")),
});

/** The caller's API keys. */
export const apiKeys = queryOptions({
  queryKey: ["api-keys"],
  queryFn: () => call(api.GET("/api/v1/users/api-keys")),
});
