/** Runs several workers in a process that can be killed: `node worker-process.ts <url> <name> <workers>`. */
import { runSqlWorker } from "./sql-worker.ts";

const [url, name, count] = process.argv.slice(2) as [string, string, string];

await Promise.all(
  Array.from({ length: Number(count) }, (_, index) =>
    runSqlWorker({
      url,
      worker: `${name}.${index}`,
      batch: 1 + index,
      leaseSeconds: 2,
      workMs: () => Math.random() * 30,
      isOver: () => false,
    }),
  ),
);
