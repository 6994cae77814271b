import { STATUS_CODE } from "@std/http/status";
/** Makes the answer to a request that failed, in the form that all functions use. */
export function errorResponse(status: number, code: string, message: string, hint: string): Response {
  return Response.json({ error: { code, message, hint } }, { status });
}

/** @param allowed methods, the usual one first */
export function methodNotAllowed({ method }: Request, ...allowed: string[]): Response {
  const refused = errorResponse(
    STATUS_CODE.MethodNotAllowed,
    "method_not_allowed",
    `${method} is not possible here.`,
    `Send a ${allowed[0]} request.`,
  );
  refused.headers.set("allow", allowed.join(", "));
  return refused;
}
