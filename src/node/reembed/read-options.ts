import { parseArgs } from "node:util";

export const help = `Moves all thoughts and memories to another embedding model.

  npm run reembed -- --model <name>            embed everything with it, then switch to it
  npm run reembed -- --model <name> --no-switch  embed everything, and do not switch yet
  npm run reembed -- --status                  the models, and how far each is
  npm run reembed -- --rollback                switch back to the model that was active before
  npm run reembed -- --model <name> --drop     forget a model and delete its vectors

  --batch <n>   how many texts go to the model at once (default 100)
  --force       switch although some texts have no vector
  --url <url>   the database (postgresql://…) or the API (https://…, with --key)
  --key <key>   the secret key for the API
  --help        show this

Without --url, the database is DATABASE_URL, or SUPABASE_URL and SUPABASE_SECRET_KEY. A model is groundwork-lexical-1,
which works offline, or any model of AI_BASE_URL and AI_API_KEY whose vectors have 1536 numbers.

Until the switch, both models exist, and new texts are embedded by both. The command can be stopped at any time. When
it is started again, it continues. Several commands at the same time share the work.`;

/** The reason why the texts cannot be moved, and the remedy. Existing embeddings are not lost. */
export class CannotReembed extends Error {}

export interface ReembedOptions {
  task: "help" | "status" | "rollback" | "drop" | "move";
  model: string | undefined;
  switches: boolean;
  force: boolean;
  batch: number | undefined;
  url: string | undefined;
  key: string | undefined;
}

/** @throws {CannotReembed} with the help text */
export function readOptions(args: string[]): ReembedOptions {
  try {
    const { values } = parseArgs({
      args,
      allowNegative: true,
      allowPositionals: false,
      options: {
        model: { type: "string" },
        status: { type: "boolean", default: false },
        switch: { type: "boolean", default: true },
        rollback: { type: "boolean", default: false },
        drop: { type: "boolean", default: false },
        force: { type: "boolean", default: false },
        batch: { type: "string" },
        url: { type: "string" },
        key: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const tasks = (["help", "status", "rollback", "drop"] as const).filter((task) => values[task]);
    if (tasks.length > 1) throw new Error(`--${tasks.join(" and --")} cannot be used together.`);
    const [task = "move"] = tasks;
    const model = values.model?.trim();
    if ((task === "move" || task === "drop") && !model) throw new Error("Name the model: --model <name>.");
    const { switch: switches, force, batch, url, key } = values;
    return { task, model, switches, force, batch: batch === undefined ? undefined : readBatch(batch), url, key };
  } catch (error) {
    throw new CannotReembed(`${(error as Error).message}\n\n${help}`, { cause: error });
  }
}

function readBatch(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 100) return number;
  throw new Error(`--batch ${text}: it takes a whole number from 1 to 100.`);
}
