import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { App } from "@supabase/lite";
import { answerPreflight, withCorsHeaders } from "./cors.ts";
import { requestScope } from "./database/request-scope.ts";
import { errorResponse } from "./error-response.ts";
import type { FunctionsHost } from "./functions/functions-host.ts";
import { resignToken } from "./functions/resign-token.ts";
import { StartError } from "./start-error.ts";

interface Services {
  app: App;
  functions: FunctionsHost;
}

interface Options {
  /** 0 stands for any free port. */
  port: number;
  jwtSecret: string;
  /** Called with one line for each request that fails. */
  log: (line: string) => void;
}

/** One URL for all services: `/rest/v1`, `/auth/v1` and `/functions/v1`, as on Supabase. */
export interface Gateway {
  url: string;
  /** Opens the gateway. Requests that came before this call have waited for it. */
  open(services: Services): void;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. Throws a `StartError` if the port is in use. */
export async function startGateway({ port, jwtSecret, log }: Options): Promise<Gateway> {
  const { promise: services, resolve: open } = Promise.withResolvers<Services>();

  async function answer(request: Request): Promise<Response> {
    const { app, functions } = await services;
    const { pathname } = new URL(request.url);
    if (/^\/(rest|auth)\/v1(\/|$)/.test(pathname)) {
      return answerPreflight(request) ?? requestScope.run({}, async () => app.fetch(request));
    }
    if (pathname.startsWith("/functions/v1/")) {
      return functions.fetch(await withKeyId(request, jwtSecret));
    }
    if (/^\/(storage|realtime|graphql)\/v1(\/|$)/.test(pathname)) {
      return errorResponse(
        501,
        "not_embedded",
        `The embedded stack has no ${pathname.split("/")[1]}.`,
        "Use supabase start for it.",
      );
    }
    return errorResponse(
      404,
      "not_found",
      `There is nothing at ${pathname}.`,
      "See /rest/v1, /auth/v1 and /functions/v1.",
    );
  }

  async function fetch(request: Request): Promise<Response> {
    const response = await answer(request).catch((error: unknown) =>
      errorResponse(
        503,
        "unavailable",
        error instanceof Error ? error.message : String(error),
        "See the log of the backend.",
      ),
    );
    if (response.status >= 400) log(await describe(request, response.clone()));
    return withCorsHeaders(request, response);
  }

  const server = serve({ fetch, port, hostname: "127.0.0.1" }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    throw new StartError(
      `Port ${port} ${error.code === "EACCES" ? "may not be used" : "is in use"}.`,
      "Stop the program that uses it (such as supabase start), or choose another port: npm start -- --port 54421",
    );
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function withKeyId(request: Request, jwtSecret: string): Promise<Request> {
  const [scheme, token] = request.headers.get("authorization")?.split(" ") ?? [];
  if (scheme?.toLowerCase() !== "bearer" || !token) return request;
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${await resignToken(token, jwtSecret)}`);
  return new Request(request, { headers });
}

/** Describes a failed request: `POST /rest/v1/thoughts 403 42501 permission denied for table thoughts`. */
async function describe(request: Request, response: Response): Promise<string> {
  const line = `${request.method} ${new URL(request.url).pathname} ${response.status}`;
  if (!response.headers.get("content-type")?.includes("json")) return line;
  const body: unknown = await response.json().catch(() => undefined);
  const error = (body as { error?: unknown })?.error;
  const { code, error_code, message, msg } = (typeof error === "object" ? error : body) as Record<string, unknown>;
  return [line, error_code ?? code, message ?? msg]
    .filter((part) => part !== undefined && part !== response.status)
    .join(" ");
}
