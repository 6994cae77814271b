import type { LocalDatabase } from "#groundwork/local";

export interface ErrorCodeRow {
  code: string;
  status: number;
  message: string;
  hint: string;
}

export function readErrorCodes(database: LocalDatabase): Promise<ErrorCodeRow[]> {
  return database.query("select code, status, message, hint from groundwork.error_codes order by code");
}

export function errorCodeModule(codes: ErrorCodeRow[]): string {
  const entries = codes.map(
    ({ code, status, message, hint }) =>
      `  /** ${message} ${hint} */\n  ${code}: { status: ${status}, message: ${JSON.stringify(message)} },`,
  );
  return `// Generated from groundwork.error_codes by npm run db:types. Do not edit.

/** The errors that the backend itself raises, by their \`code\`. */
export const errorCodes = {
${entries.join("\n")}
} as const;

export type ErrorCode = keyof typeof errorCodes;
`;
}

export function errorCodePage(codes: ErrorCodeRow[]): string {
  const rows = codes.map(({ code, status, message, hint }) => `| ${code} | ${status} | ${message} | ${hint} |`);
  return `# Errors

Generated from \`groundwork.error_codes\` by \`npm run db:types\`. In \`supabase-js\`, an error that the backend itself raises is an object
with \`code\`, \`message\`, \`details\` and \`hint\`; the HTTP status is in the table. Other codes are those of
[PostgREST](https://docs.postgrest.org/en/v14/references/errors.html) and
[Postgres](https://www.postgresql.org/docs/17/errcodes-appendix.html).

| code | status | message | what to do |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
