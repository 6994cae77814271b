import { createClient } from "../../client/create-client.ts";
import { embeddingQueueOverHttp } from "../../embeddings/embedding-queue-over-http.ts";
import type { EmbeddingModels, EmbeddingQueue } from "../../embeddings/embedding-queue.ts";
import { embeddingQueueOverPostgres } from "../postgres/embedding-queue-over-postgres.ts";
import { openConnection } from "../postgres/open-connection.ts";
import { CannotReembed } from "./read-options.ts";

export interface EmbeddingConnection {
  queue: EmbeddingQueue & EmbeddingModels;
  /** The option or variable that named it, for messages. */
  name: string;
  close(): Promise<void>;
}

interface Target {
  url: string | undefined;
  key: string | undefined;
}

/**
 * Connects to the database of the options, or else of the environment: DATABASE_URL, or SUPABASE_URL and
 * SUPABASE_SECRET_KEY.
 */
export function connectEmbeddingQueue({ url, key }: Target, env: NodeJS.Dict<string>): EmbeddingConnection {
  const { DATABASE_URL, SUPABASE_URL, SUPABASE_SECRET_KEY } = env;
  if (url !== undefined) {
    if (/^postgres(ql)?:/.test(url)) return overPostgres(url, "--url");
    const secretKey = key ?? SUPABASE_SECRET_KEY;
    if (!secretKey) throw new CannotReembed("--url is the URL of an API. Set --key or SUPABASE_SECRET_KEY too.");
    return overHttp(url, secretKey, "--url and --key");
  }
  if (DATABASE_URL) return overPostgres(DATABASE_URL, "DATABASE_URL");
  const secretKey = key ?? SUPABASE_SECRET_KEY;
  if (SUPABASE_URL && secretKey) return overHttp(SUPABASE_URL, secretKey, "SUPABASE_URL and SUPABASE_SECRET_KEY");
  throw new CannotReembed(
    "There is no database. Set DATABASE_URL (npm start prints it as Database), or SUPABASE_URL and SUPABASE_SECRET_KEY; " +
      "or use --url.",
  );
}

function overPostgres(url: string, name: string): EmbeddingConnection {
  if (!URL.canParse(url))
    throw new CannotReembed(`${name} is not a URL of the form postgresql://user:password@host/database.`);
  // Two connections: one to claim, and one to store at the same time.
  const sql = openConnection(url, 2);
  return {
    queue: embeddingQueueOverPostgres(sql),
    name,
    close: () => sql.end({ timeout: 5 }),
  };
}

function overHttp(url: string, key: string, name: string): EmbeddingConnection {
  if (!URL.canParse(url))
    throw new CannotReembed(`${name}: ${url} is not a URL of the form https://<project>.supabase.co.`);
  const client = createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
  return { queue: embeddingQueueOverHttp(client), name, close: async () => {} };
}
