/** An error as every service of the stack answers it that is not Supabase's own. */
export function errorResponse(status: number, code: string, message: string, hint: string | null): Response {
  return Response.json({ error: { code, message, hint } }, { status });
}
