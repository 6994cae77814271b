/**
 * Runs in Deno: serves the Edge Functions of a project from one process, as `/<name>`.
 *
 * Arguments: the folder with the functions, then their names. Prints one marked line when it listens (see `HostReport`),
 * and ends when its standard input does, so that it never outlives the process that started it.
 */
import { type HostReport, reportMark } from "./host-report.ts";

interface Handler {
  fetch(request: Request): Response | Promise<Response>;
}

async function main(): Promise<void> {
  const [folder, ...names] = Deno.args;
  const handlers = new Map<string, Handler>();
  const broken: HostReport["broken"] = [];

  for (const name of names) {
    try {
      const module = await import(`file://${folder}/${name}/index.ts`);
      if (typeof module.default?.fetch !== "function") {
        throw new TypeError("it has no default export with a fetch function");
      }
      handlers.set(name, module.default);
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
    (request) => {
      const name = new URL(request.url).pathname.split("/")[1] ?? "";
      const handler = handlers.get(name);
      if (handler) return handler.fetch(request);
      const reason = broken.find((fault) => fault.name === name)?.reason;
      return reason === undefined
        ? answer(404, "NOT_FOUND", `There is no function "${name}".`)
        : answer(503, "BOOT_ERROR", `The function "${name}" does not start: ${reason}`);
    },
  );

  for await (const _ of Deno.stdin.readable) {
    /* Nothing is ever sent; only the end counts. */
  }
  Deno.exit(0);
}

function answer(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message, hint: null } }, { status });
}

if (import.meta.main) await main();
