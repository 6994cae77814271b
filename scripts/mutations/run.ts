/**
 * Makes one mistake in the schema at a time, and checks that the tests of test/security notice it. Prints the mistakes
 * that they do not notice, and fails then.
 */
import { parseArgs } from "node:util";
import { startLocal } from "#groundwork/local";
import type { LocalBackend } from "#groundwork/local";
import { describeLeak } from "../../test/security/matrix/leaks.ts";
import { runMatrix } from "../../test/security/matrix/run-matrix.ts";
import { inRolledBackTransaction } from "../../test/security/rolled-back.ts";
import { firstOffence } from "../../test/security/rules/check-rules.ts";
import { fingerprint } from "./fingerprint.ts";
import { grantMutations } from "./grant-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { policyMutations } from "./policy-mutations.ts";
import { tableMutations } from "./table-mutations.ts";

type Verdict = { by: "a catalog rule" | "the matrix"; because: string } | undefined;

const started = performance.now();
const { values: options, positionals } = parseArgs({
  // Words in the kind or name of the mutations to run: npm run test:mutations -- "drop a policy"
  allowPositionals: true,
  options: {
    // Prints which check found each mutation.
    verbose: { type: "boolean", default: false },
    // Skips the catalog rules, to see how much the matrix finds without them.
    "matrix-only": { type: "boolean", default: false },
  },
});
const backend = await startLocal();
const { database } = backend;

await refuseUnhealthy(backend);
const mutations = [
  ...(await policyMutations(database)),
  ...(await tableMutations(database)),
  ...(await grantMutations(database)),
].filter(({ kind, name }) => positionals.every((words) => `${kind} ${name}`.includes(words)));
const verdicts = new Map<Mutation, Verdict>();
for (const mutation of mutations) {
  const verdict = (options["matrix-only"] ? undefined : await checkRules(mutation)) ?? (await checkMatrix(mutation));
  verdicts.set(mutation, verdict);
  if (options.verbose) console.log(`${mutation.kind}: ${mutation.name}\n    ${verdict?.because ?? "SURVIVED"}`);
}
report();
await backend.close();

/** Runs the catalog rules in a transaction that is rolled back. */
async function checkRules({ apply }: Mutation): Promise<Verdict> {
  return inRolledBackTransaction(database, async (statements) => {
    await statements.run(apply);
    const offence = await firstOffence(statements);
    return offence && { by: "a catalog rule", because: `${offence.rule}: ${offence.offenders.join("; ")}` };
  });
}

/**
 * Runs the matrix of the weakened table. Requests see only committed changes, so the mutation is committed and undone
 * afterwards.
 */
async function checkMatrix({ name, relation, apply, revert }: Mutation): Promise<Verdict> {
  if (relation === null) return undefined;
  const before = await fingerprint(database);
  await database.run(apply);
  const { leaks } = await runMatrix(backend, { only: [relation], isHasty: true });
  // Rows that were written because of the mutation could make undoing it fail.
  await database.run("delete from auth.users; delete from public.users");
  await database.run(revert);
  if ((await fingerprint(database)) !== before) throw new Error(`${name} was not undone by: ${revert}`);
  return leaks[0] && { by: "the matrix", because: describeLeak(leaks[0]) };
}

/** Throws if the tests fail without a mutation, because then they would report every mutation. */
async function refuseUnhealthy(healthy: LocalBackend): Promise<void> {
  const offence = await firstOffence(healthy.database);
  const { leaks } = await runMatrix(healthy);
  const faults = [...(offence ? [`${offence.rule}: ${offence.offenders.join("; ")}`] : []), ...leaks.map(describeLeak)];
  if (faults.length === 0) return;
  throw new Error(`Without any mutation the tests fail already:\n${faults.join("\n")}`);
}

function report(): void {
  const kinds = Map.groupBy(mutations, ({ kind }) => kind);
  for (const [kind, ofKind] of kinds) {
    const killed = ofKind.filter((mutation) => verdicts.get(mutation));
    const byMatrix = killed.filter((mutation) => verdicts.get(mutation)!.by === "the matrix").length;
    console.log(
      `${kind}: ${killed.length}/${ofKind.length} killed, ${killed.length - byMatrix} by catalog rules, ${byMatrix} by the matrix`,
    );
  }
  const survivors = mutations.filter((mutation) => !verdicts.get(mutation));
  for (const { kind, name } of survivors) console.log(`SURVIVED ${kind}: ${name}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`Mutations: ${mutations.length - survivors.length}/${mutations.length} killed in ${seconds} s`);
  if (survivors.length > 0 || mutations.length === 0) process.exitCode = 1;
}
