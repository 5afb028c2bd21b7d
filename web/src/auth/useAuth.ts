import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";

import { api, call, type Schemas } from "../api/client";
import { pending } from "../upload/pending";
import { tokens } from "./tokens";

export type User = Schemas["UserView"];

/** Whether somebody is logged in, who, and the way out. */
export function useAuth(): { signedIn: boolean; user: User | null; logout: () => Promise<void> } {
  const signedIn = useSyncExternalStore(tokens.subscribe, () => tokens.signedIn);
  const me = useQuery({
    queryKey: ["me"],
    queryFn: () => call(api.GET("/api/v1/auth/me")),
    enabled: signedIn,
    staleTime: Infinity,
  });
  const leave = useLeave();
  const logout = useCallback(async () => {
    // Also where the platform can't be reached: on this device the session ends.
    await call(api.POST("/api/v1/auth/logout")).catch(() => undefined);
    leave();
  }, [leave]);
  return { signedIn, user: signedIn ? (me.data ?? null) : null, logout };
}

/** Forgets the session, and all that it has shown, on this device. */
export function useLeave(): () => void {
  const queries = useQueryClient();
  return useCallback(() => {
    tokens.clear();
    pending.clear();
    queries.clear();
  }, [queries]);
}

/** Begins a session with what a login or a registration answered. What a visitor was shown is read anew. */
export function useEnter(): (answer: Schemas["Tokens"] & { user?: User }) => void {
  const queries = useQueryClient();
  return ({ user, ...pair }) => {
    tokens.accept(pair);
    queries.clear();
    if (user !== undefined) queries.setQueryData(["me"], user);
  };
}

/** The page to go to after the login: a path of this client and nothing else, since anybody can write the parameter. */
export function pathAfterLogin(search: URLSearchParams): string {
  const next = search.get("next") ?? "/learn";
  const url = new URL(next, window.location.origin);
  return url.origin === window.location.origin && next.startsWith("/") ? url.pathname + url.search : "/learn";
}
