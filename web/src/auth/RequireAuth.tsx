import { Navigate, Outlet, useLocation } from "react-router";

import { useAuth } from "./useAuth";

/** Pages of people with an account; others log in first and come back. */
export function RequireAuth() {
  const { signedIn } = useAuth();
  const { pathname, search } = useLocation();
  if (signedIn) return <Outlet />;
  return <Navigate to={`/login?next=${encodeURIComponent(pathname + search)}`} replace />;
}
