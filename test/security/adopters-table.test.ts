/**
 * A table of an adopter's own migration. It need not follow our style, but the tests prove that only owners reach its
 * rows.
 */
import { startLocal } from "#groundwork/local";
import { afterAll, expect, test } from "vitest";
import { describeLeak } from "./matrix/leaks.ts";
import { runMatrix } from "./matrix/run-matrix.ts";
import { rules } from "./rules/check-rules.ts";
import { adoptersObjects } from "./tables.ts";

const backend = await startLocal();
afterAll(() => backend.close());

// In the style of Supabase's documentation: no comment, one policy for all commands, no index for the owner.
await backend.database.run(`
  create table public.adopters_notes (
    id bigint primary key generated always as identity,
    user_id uuid not null default groundwork.current_user_id() references public.users (id) on delete cascade,
    body text
  );
  alter table public.adopters_notes enable row level security;
  create policy "own adopters notes" on public.adopters_notes for all to authenticated
    using (groundwork.current_user_id() = user_id) with check (groundwork.current_user_id() = user_id);
  revoke all on public.adopters_notes from anon, authenticated;
  grant select, insert (user_id, body), update (body), delete on public.adopters_notes to authenticated;
  grant all on public.adopters_notes to service_role;
  create function public.count_adopters_notes() returns bigint language sql as 'select count(*) from public.adopters_notes';
  revoke all on function public.count_adopters_notes() from public, anon;
`);
const objects = ["public.adopters_notes", "public.count_adopters_notes"];
for (const name of objects) adoptersObjects.add(name);
// Other test files share the set with this one.
afterAll(() => objects.forEach((name) => adoptersObjects.delete(name)));

test("it breaks only rules of style, which do not apply to it", async () => {
  for (const { find } of rules) expect(await find(backend.database)).toEqual([]);
});

test("the matrix attacks it without a file for it", async () => {
  const { cells, leaks } = await runMatrix(backend, { only: ["adopters_notes"] });

  expect(leaks.map(describeLeak)).toEqual([]);
  expect(cells.length).toBeGreaterThan(100);
});

test("a policy that lets others in is found", async () => {
  await backend.database.run('alter policy "own adopters notes" on public.adopters_notes using (true)');

  const { leaks } = await runMatrix(backend, { only: ["adopters_notes"] });

  expect(leaks.map(({ actor, command }) => `${actor}, ${command}`)).toContain("an anonymous account, select");
});
