import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { startLocal } from "#groundwork/local";
import { expect, test } from "vitest";
import { copyProject } from "../setup/project.ts";

test("backends run side by side, each with a database of its own", async () => {
  await using one = await startLocal();
  await using other = await startLocal();
  const { client, email } = await one.signUp();
  await client.from("thoughts").insert({ thought_text: "only here" }).throwOnError();

  const { data } = await other.adminClient().from("users").select().throwOnError();

  expect(one.url).not.toBe(other.url);
  expect(data).toEqual([]);
  expect(
    (await other.client().auth.signInWithPassword({ email, password: "correct horse battery" })).error,
  ).not.toBeNull();
});

test("a backend ends with its scope: the port is free again and nothing answers", async () => {
  let url: string;
  {
    await using backend = await startLocal();
    url = backend.url;
    expect((await fetch(`${url}/auth/v1/health`, { headers: { apikey: backend.publishableKey } })).status).toBe(200);
  }

  await expect(fetch(url)).rejects.toThrow("fetch failed");
  await using again = await startLocal({ port: Number(new URL(url).port) });
  expect(again.url).toBe(url);
});

test("the database is built once for each state of migrations and seed", async () => {
  await using project = await copyProject();
  const folder = path.join(project.root, ".groundwork", "snapshots");
  const steps: string[] = [];
  const start = async (seed = false) => {
    await using backend = await startLocal({ projectRoot: project.root, seed, onProgress: (step) => steps.push(step) });
    return (await backend.adminClient().from("users").select().throwOnError()).data.length;
  };
  const builds = () => steps.filter((step) => step.startsWith("Building")).length;

  expect(await start()).toBe(0);
  const [file] = await readdir(folder);
  const built = await stat(path.join(folder, file!));
  expect(await start()).toBe(0);
  expect(builds()).toBe(1);
  expect((await stat(path.join(folder, file!))).mtimeMs).toBe(built.mtimeMs);

  expect(await start(true)).toBe(2);
  expect(builds()).toBe(2);
  await project.write("supabase/migrations/29990101000000_more.sql", "create table public.more (id int);");
  await start();
  expect(builds()).toBe(3);
  expect(steps).toContain("Applying 29990101000000_more.sql");
});

test("ids continue where they stopped, and the snapshot skips none", async () => {
  await using backend = await startLocal({ seed: true });
  const admin = backend.adminClient();
  const { data: last } = await admin.from("thoughts").select("id, user_id").order("id").throwOnError();
  const { id, user_id } = last.at(-1)!;

  const { data: next } = await admin
    .from("thoughts")
    .insert({ user_id, thought_text: "next" })
    .select()
    .single()
    .throwOnError();

  expect(next.id).toBe(id + 1);
});

test("an answer says which parts of Supabase the embedded stack does not have", async () => {
  await using backend = await startLocal();

  const storage = await fetch(`${backend.url}/storage/v1/bucket`, { headers: { apikey: backend.secretKey } });
  const nothing = await fetch(`${backend.url}/nonsense`);

  expect(storage.status).toBe(501);
  expect(await storage.json()).toMatchObject({ error: { code: "not_embedded", hint: "Use supabase start for it." } });
  expect(nothing.status).toBe(404);
});

test("pages of any origin may call it, as with Supabase", async () => {
  await using backend = await startLocal();
  const origin = "http://localhost:3000";
  const asked = { "access-control-request-method": "PATCH", "access-control-request-headers": "apikey,prefer,x-own" };

  for (const route of ["/rest/v1/tasks", "/auth/v1/user", "/functions/v1/health"]) {
    const preflight = await fetch(backend.url + route, { method: "OPTIONS", headers: { origin, ...asked } });
    const answer = await fetch(backend.url + route, { headers: { origin, apikey: backend.publishableKey } });

    expect.soft(preflight.status, route).toBe(204);
    expect.soft(preflight.headers.get("access-control-allow-origin"), route).toBe("*");
    expect.soft(preflight.headers.get("access-control-allow-headers"), route).toContain("apikey");
    expect.soft(answer.headers.get("access-control-allow-origin"), route).toBe("*");
  }
  const preflight = await fetch(`${backend.url}/rest/v1/tasks`, { method: "OPTIONS", headers: { origin, ...asked } });
  expect(preflight.headers.get("access-control-allow-headers")).toBe("apikey,prefer,x-own");
  expect(preflight.headers.get("access-control-allow-methods")).toContain("PATCH");
  const page = await fetch(`${backend.url}/rest/v1/tasks`, { headers: { origin, apikey: backend.secretKey } });
  expect([page.status, await page.json()]).toEqual([200, []]);
  expect(page.headers.get("access-control-expose-headers")).toContain("Content-Range");
});
