import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { rowsOf } from "../../../../src/node/postgres/rows-of.ts";
import { type Answer, type Result, completed } from "./results.ts";

export interface SqlWorkerOptions {
  url: string;
  worker: string;
  batch: number;
  leaseSeconds: number;
  /** Returns how long a batch takes, in milliseconds. */
  workMs(): number;
  isOver(): boolean;
}

export interface SqlWorkerReport {
  /** How many results were refused, by code. */
  refused: Record<string, number>;
  /** How often the connection was lost. */
  losses: number;
}

/**
 * Runs one worker with one session, which settles results and claims the next jobs in one call. When its connection is
 * lost, it repeats the call, because it cannot know if the call was carried out.
 *
 * @throws any error except the loss of the connection
 */
export async function runSqlWorker({
  url,
  worker,
  batch,
  leaseSeconds,
  workMs,
  isOver,
}: SqlWorkerOptions): Promise<SqlWorkerReport> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 5,
    backoff: () => 0.05,
    connection: { application_name: `worker ${worker}`, role: "service_role" } as never,
  });
  const report: SqlWorkerReport = { refused: {}, losses: 0 };
  let results: Result[] = [];
  try {
    while (!isOver()) {
      const answer = await exchange().catch((error: unknown) => {
        if (!isLoss(error)) throw error;
        report.losses++;
      });
      if (!answer) {
        await setTimeout(20);
        continue;
      }
      for (const { code } of answer.refused) report.refused[code] = (report.refused[code] ?? 0) + 1;
      await setTimeout(answer.picked === 0 ? 20 : workMs());
      results = answer.claimed.map((job) => completed(job));
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
  return report;

  async function exchange(): Promise<Answer> {
    const [row] = rowsOf(
      await sql.unsafe<{ answer: Answer }[]>(
        "select public.exchange_agent_jobs($1, $2::text::jsonb, $3, $4) as answer",
        [worker, JSON.stringify(results), batch, leaseSeconds],
      ),
    );
    return row!.answer;
  }
}

/** Returns true for errors of the driver, of the system, and of a server that ends, has crashed, or starts. */
function isLoss(error: unknown): boolean {
  const { code } = error as { code?: string };
  return /^(CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|57P0[123]$)/.test(code ?? "");
}
