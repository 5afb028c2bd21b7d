import createClient from "openapi-fetch";

import { stepUp } from "../auth/stepUp";
import { tokens } from "../auth/tokens";
import { ApiError } from "./errors";
import type { components, paths } from "./schema";

/** The schemas of the OpenAPI document. */
export type Schemas = components["schemas"];

/** Every operation of the OpenAPI document, with its types, sent as whoever is logged in. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: stepUp.guard(tokens.fetch) });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of a successful answer; anything else is thrown as [ApiError]. */
export async function call<T>(request: Promise<Answer<T>>): Promise<T> {
  return (await answer(request)).data;
}

/** As [call]; `null` where there is no such thing. */
export async function callOrNull<T>(request: Promise<Answer<T>>): Promise<T | null> {
  try {
    return await call(request);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** As [call], with the answer's headers. */
export async function answer<T>(request: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  let result: Answer<T>;
  try {
    result = await request;
  } catch (thrown) {
    throw ApiError.from(thrown);
  }
  if (!result.response.ok) throw ApiError.of(result.response, result.error);
  return { data: result.data as T, response: result.response };
}
