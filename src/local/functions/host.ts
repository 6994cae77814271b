/**
 * Runs in Deno. Serves the Edge Functions of a project from one process, as `/<name>`.
 *
 * The arguments are the folder with the functions, then their names. When it listens, it prints one marked line (see
 * `HostReport`). It ends when its standard input ends, so that it never runs longer than the process that started it.
 */
import { type HostReport, reportMark } from "./host-report.ts";

interface Handler {
  fetch(request: Request, info: Deno.ServeHandlerInfo): Response | Promise<Response>;
}

async function main(): Promise<void> {
  const [folder, ...names] = Deno.args;
  const handlers = new Map<string, Handler>();
  const broken: HostReport["broken"] = [];

  for (const name of names) {
    try {
      handlers.set(name, await load(`file://${folder}/${name}/index.ts`));
    } catch (error) {
      broken.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen: ({ port }) => console.log(reportMark + JSON.stringify({ port, broken } satisfies HostReport)),
      onError: (error) => answer(500, "WORKER_ERROR", `The function failed: ${error}`),
    },
    (request, info) => {
      const name = new URL(request.url).pathname.split("/")[1] ?? "";
      const handler = handlers.get(name);
      if (handler) return handler.fetch(request, info);
      const reason = broken.find((fault) => fault.name === name)?.reason;
      return reason === undefined
        ? answer(404, "NOT_FOUND", `There is no function "${name}".`)
        : answer(503, "BOOT_ERROR", `The function "${name}" does not start: ${reason}`);
    },
  );

  for await (const _ of Deno.stdin.readable) {
    /* Nothing is sent on standard input. Only its end matters. */
  }
  Deno.exit(0);
}

/** Loads a function: its default export has `fetch`, or it calls `Deno.serve()` when it is loaded (the older form). */
async function load(url: string): Promise<Handler> {
  const { serve } = Deno;
  let served: Deno.ServeHandler | undefined;
  // The handler is only stored here, because one server serves all functions.
  Deno.serve = ((...given: (Deno.ServeHandler | { handler?: Deno.ServeHandler })[]) => {
    for (const one of given) served = typeof one === "function" ? one : (one.handler ?? served);
    return { finished: new Promise<void>(() => {}), ref() {}, unref() {}, async shutdown() {} };
  }) as unknown as typeof Deno.serve;
  try {
    const module = await import(url);
    if (typeof module.default?.fetch === "function") return module.default;
  } finally {
    Deno.serve = serve;
  }
  if (served) return { fetch: served };
  throw new TypeError("it has no default export with a fetch function, and does not call Deno.serve()");
}

function answer(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message, hint: null } }, { status });
}

if (import.meta.main) await main();
