import createClient from "openapi-fetch";

import { tokens } from "../auth/tokens";
import { ApiError } from "./errors";
import type { components, paths } from "./schema";

/** The schemas of the OpenAPI document. */
export type Schemas = components["schemas"];

/** Every operation of the OpenAPI document, with its types. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: tokens.fetch });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of a successful answer; anything else is thrown as [ApiError]. */
export async function call<T>(request: Promise<Answer<T>>): Promise<T> {
  return (await answer(request)).data;
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
