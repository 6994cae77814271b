import { STATUS_CODE } from "@std/http/status";
import { methodNotAllowed } from "../_shared/error-response.ts";

/** Asks the database for its state; null if the database could not be asked. */
export type AskDatabase = (signal: AbortSignal) => Promise<DatabaseHealth | null>;

export interface DatabaseHealth {
  /** Version of the latest migration (14 digits), or null when migrations were applied by hand. */
  migration: string | null;
  /** Version of pgvector, or null when it is not installed. */
  pgvector: string | null;
}

export interface Health extends DatabaseHealth {
  status: "ok" | "unavailable";
  database: "connected" | "disconnected";
  /** How long the database took to answer, in milliseconds. */
  latency_ms: number;
}

interface Effects {
  askDatabase: AskDatabase;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  /** How long the database may take before it counts as disconnected, in milliseconds. */
  timeoutMs?: number;
}

/** Answers `GET /functions/v1/health`: 200 when the database answers, 503 when it does not. */
export function createHealthHandler({ askDatabase, now = () => performance.now(), timeoutMs = 5000 }: Effects) {
  return async (request: Request): Promise<Response> => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return methodNotAllowed(request, "GET", "HEAD");
    }

    const start = now();
    const answer = await askDatabase(AbortSignal.timeout(timeoutMs)).catch(() => null);
    const health: Health = {
      status: answer ? "ok" : "unavailable",
      database: answer ? "connected" : "disconnected",
      migration: answer?.migration ?? null,
      pgvector: answer?.pgvector ?? null,
      latency_ms: Math.round((now() - start) * 10) / 10,
    };
    return Response.json(health, {
      status: answer ? STATUS_CODE.OK : STATUS_CODE.ServiceUnavailable,
      headers: { "cache-control": "no-store" },
    });
  };
}
