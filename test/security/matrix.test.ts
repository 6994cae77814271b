import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";
import { commands } from "./matrix/attacks.ts";
import { describeLeak } from "./matrix/leaks.ts";
import { runMatrix } from "./matrix/run-matrix.ts";
import { fullName, readShape } from "./matrix/shape.ts";

const backend = await startLocal();
afterAll(() => backend.close());

const strangers = [
  "a visitor",
  "an anonymous account",
  "a member who owns nothing",
  "a stranger with rows",
  "a Clerk token without an account",
  "a Clerk account without rows",
  "the token of a deleted account",
];

describe("the matrix of row-level security", () => {
  test("users reach all their own rows and no others, in every way", async () => {
    const { cells, leaks, shape } = await runMatrix(backend);

    console.log(`RLS matrix: ${cells.length} cells, ${leaks.length} leaks`);
    expect(leaks.map(describeLeak)).toEqual([]);

    // The attacks come from the catalog, so every object in it was attacked.
    const made = new Set(cells.map(({ relation, actor, command }) => `${relation}, ${actor}, ${command}`));
    const attackers = [...strangers, "the owner"];
    const expected = [
      ...shape.exposed.flatMap(({ name, kind }) =>
        (kind === "view" ? strangers : attackers).flatMap((actor) =>
          commands.map((command) => `${name}, ${actor}, ${command}`),
        ),
      ),
      ...shape.routines.flatMap(({ name }) => strangers.map((actor) => `${name}(), ${actor}, select`)),
    ];
    expect(expected.filter((cell) => !made.has(cell))).toEqual([]);
    const isExposed = (table: string) => shape.exposed.some((relation) => fullName(relation) === table);
    const references = shape.exposed.flatMap(({ foreignKeys }) =>
      foreignKeys.filter(({ target }) => isExposed(target)),
    );
    const embeddings = cells.filter(({ way, actor }) => way.startsWith("embedding") && strangers.includes(actor));
    expect(embeddings).toHaveLength(references.length * 2 * strangers.length);
  }, 900_000);

  test("it finds a table without row-level security", async () => {
    await backend.database.run("alter table public.tasks disable row level security");

    const { leaks } = await runMatrix(backend, { only: ["tasks"] });
    await backend.database.run("alter table public.tasks enable row level security");

    const who = new Set(leaks.map(({ actor, command }) => `${actor}, ${command}`));
    // The first actor is checked: rows that it deletes cannot be attacked by the others.
    for (const command of commands) expect(who).toContain(`an anonymous account, ${command}`);
  });

  test("it finds a view that shows all users' rows, and accepts one that filters by the user", async () => {
    await backend.database.run(`
      create view public.todos as select * from public.tasks;
      revoke all on public.todos from anon, authenticated;
      grant select on public.todos to authenticated, service_role;
    `);

    const open = await runMatrix(backend, { only: ["todos"] });
    await backend.database.run("alter view public.todos set (security_invoker = true)");
    const closed = await runMatrix(backend, { only: ["todos"] });
    await backend.database.run("drop view public.todos");

    const who = open.leaks.map(({ actor, command, way }) => `${actor}, ${command} ${way}`);
    expect(who).toContain("a member who owns nothing, select direct");
    expect(closed.leaks.map(describeLeak)).toEqual([]);
  });

  test("it finds a right that the owner has lost", async () => {
    await backend.database.run('alter policy "users can delete their own tasks" on public.tasks using (false)');

    const { leaks } = await runMatrix(backend, { only: ["tasks"] });

    expect(leaks.map(({ actor, command, way }) => `${actor}, ${command} ${way}`)).toEqual([
      "the owner, delete own row",
    ]);
  });

  test("it requires a file for a new table", async () => {
    const { exposed } = await readShape(backend.database);
    await backend.database.run("create table public.novelties (id bigint primary key, user_id uuid)");

    await expect(runMatrix(backend, { only: [exposed[0]!.name] })).rejects.toThrow(
      "Write test/security/tables/novelties.ts, with what its owner may do.",
    );
  });
});
