import { t } from "../text";

/** The body of every error of the API (its `ErrorBody`). */
interface ErrorBody {
  error?: { code?: string; message?: string; details?: unknown };
}

/** An answer that is not a success, or none at all (`code` NETWORK, `status` 0). */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: unknown;
  /** Seconds to wait, where the API says so. */
  readonly retryAfter: number | null;

  constructor(fields: {
    code: string;
    status: number;
    message: string;
    details?: unknown;
    retryAfter?: number | null;
  }) {
    super(fields.message);
    this.name = "ApiError";
    this.code = fields.code;
    this.status = fields.status;
    this.details = fields.details ?? null;
    this.retryAfter = fields.retryAfter ?? null;
  }

  /** The error of an answer, whose body may be of a proxy and not of the API. */
  static of(response: Response, body: unknown): ApiError {
    const error = (body as ErrorBody | null | undefined)?.error;
    const seconds = Number(response.headers.get("retry-after"));
    return new ApiError({
      code: error?.code ?? `HTTP_${response.status}`,
      status: response.status,
      message: error?.message ?? t.errors.unreadable,
      details: error?.details,
      retryAfter: seconds > 0 ? seconds : null,
    });
  }

  /** No answer came. */
  static network(cause: unknown): ApiError {
    const error = new ApiError({ code: "NETWORK", status: 0, message: t.errors.network });
    error.cause = cause;
    return error;
  }

  /** What this client refuses by itself, without asking the API. */
  static refusal(code: string, message: string): ApiError {
    return new ApiError({ code, status: 0, message });
  }

  /** Anything that was thrown, as one of these. */
  static from(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) return thrown;
    // `fetch` rejects with a TypeError, and only so, when no answer comes.
    if (thrown instanceof TypeError) return ApiError.network(thrown);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new ApiError({ code: "UNKNOWN", status: 0, message });
  }

  /** Whether the same request may succeed in a moment. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The same error without what it says of these fields; `null` where nothing is left to be said. */
  without(names: string[]): ApiError | null {
    const fields = Object.entries(this.fields);
    const left = fields.filter(([name]) => !names.includes(name));
    if (fields.length > 0 && left.length === 0) return null;
    return new ApiError({ ...this, message: this.message, ...(fields.length > 0 && { details: Object.fromEntries(left) }) });
  }

  /** What is wrong with each field of the form that was sent. */
  get fields(): Record<string, string> {
    if (this.code !== "VALIDATION_FAILED" || typeof this.details !== "object" || this.details === null) return {};
    const fields: Record<string, string> = {};
    for (const [path, errors] of Object.entries(this.details as Record<string, unknown>)) {
      // A form has one field for a list, whichever of its items is wrong.
      const name = path.replace(/\[\d+\]$/, "");
      fields[name] ??= Array.isArray(errors) ? errors.join("; ") : String(errors);
    }
    return fields;
  }
}
