/** Makes an error answer in the form that all services of the stack use, except those of Supabase. */
export function errorResponse(status: number, code: string, message: string, hint: string | null): Response {
  return Response.json({ error: { code, message, hint } }, { status });
}
