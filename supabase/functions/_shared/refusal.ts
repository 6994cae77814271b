/** An error, in the form that all functions answer. */
export function refusal(status: number, code: string, message: string, hint: string): Response {
  return Response.json({ error: { code, message, hint } }, { status });
}
