import { api, call, type Schemas } from "../api/client";

/** What this page remembers while the browser is at a login provider. */
interface Trip {
  /** Where to go afterwards: a path of this client. */
  next: string;
  acceptTerms: boolean;
}

export type SocialAnswer = Schemas["SocialAnswer"];

const KEY = "learnflow.social";

/** Sends the browser to a login provider; it comes back to `/login/callback/{provider}`. While logged in, this links the login. */
export async function goToProvider(provider: string, trip: Trip): Promise<void> {
  const { authorization_url } = await call(
    api.GET("/api/v1/auth/social/{provider}/start", { params: { path: { provider } } }),
  );
  sessionStorage.setItem(KEY, JSON.stringify(trip));
  window.location.assign(authorization_url);
}

/** What was remembered. */
export function trip(): Trip {
  const unknown: Trip = { next: "/learn", acceptTerms: false };
  try {
    return { ...unknown, ...(JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<Trip>) };
  } catch {
    return unknown;
  }
}

const finishing = new Map<string, Promise<SocialAnswer>>();

/**
 * Finishes what a provider sent the browser back with; `null` where that is incomplete. The code works once, so that a page
 * which is drawn twice must not send it twice.
 */
export function finish(provider: string, search: URLSearchParams, fragment: string): Promise<SocialAnswer> | null {
  const [code, state] = [search.get("code"), search.get("state")];
  if (code === null || state === null) return null;
  const begun = finishing.get(state);
  if (begun !== undefined) return begun;
  // Apple tells the name beside its token, and the API hands it on in the fragment.
  const named = new URLSearchParams(fragment.replace(/^#/, ""));
  const optional = { iss: search.get("iss"), first_name: named.get("first_name"), last_name: named.get("last_name") };
  const told = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null && value !== ""));
  const answer = call(
    api.POST("/api/v1/auth/social/{provider}/callback", {
      params: { path: { provider } },
      body: { code, state, accept_terms: trip().acceptTerms, ...told },
    }),
  );
  finishing.set(state, answer);
  return answer;
}
