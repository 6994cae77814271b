import { STATUS_CODE } from "@std/http/status";
import type { QueueError } from "../../../src/shared/queue-error.ts";
import { errorResponse } from "./error-response.ts";

/** Answers that the queue can't be used. The reason goes into the log, for the operator. */
export function queueUnavailable({ code, message }: QueueError, log: ((line: string) => void) | undefined): Response {
  log?.(`The queue can't be used: ${code} ${message}`);
  return errorResponse(
    STATUS_CODE.ServiceUnavailable,
    "queue_unavailable",
    "The queue can't be used.",
    "See the function's log.",
  );
}
