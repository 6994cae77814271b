import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient, type Database, type Tables, type VibeProfile } from "#groundwork";
import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import { packageName } from "../../scripts/package/package-name.ts";

const backend = await startLocal();
afterAll(() => backend.close());

/** Signs up, writes and reads a thought, and joins a Realtime channel to see that a WebSocket is used. */
const program = `
  import { createClient } from "${packageName}";
  const [url, key] = (globalThis.Deno?.args ?? process.argv.slice(-2));
  const client = createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
  const credentials = { email: crypto.randomUUID() + "@example.com", password: "correct horse" };
  await client.auth.signUp(credentials);
  await client.from("thoughts").insert({ thought_text: typeof globalThis.WebSocket }).throwOnError();
  const { data } = await client.from("thoughts").select("thought_text").single().throwOnError();
  console.log(JSON.stringify({ ...data, transport: typeof client.realtime.transport }));
`;

async function run(command: string, ...options: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(command, [...options, backend.url, backend.publishableKey]);
  return JSON.parse(stdout);
}

describe("createClient", () => {
  test("works on Node with its own WebSocket", async () => {
    const result = await run("node", "--input-type=module-typescript", "--eval", program, "--");

    expect(result).toMatchObject({ thought_text: "function" });
  });

  test("works on Node without a WebSocket, such as Node 20, with the package ws", async () => {
    const options = ["--no-experimental-websocket", "--input-type=module-typescript", "--eval", program, "--"];

    expect(await run("node", ...options)).toEqual({ thought_text: "undefined", transport: "function" });
  });

  test("works on Deno", async () => {
    const { writeFile, rm } = await import("node:fs/promises");
    const file = `test/.create-client.${process.pid}.ts`;
    await writeFile(file, program);
    try {
      const result = await run("deno", "run", "--quiet", "--no-check", "--allow-all", file);
      expect(result).toMatchObject({ thought_text: "function" });
    } finally {
      await rm(file);
    }
  });

  test("uses a transport that the app has set", () => {
    class OwnTransport {}

    const client = createClient(backend.url, backend.publishableKey, {
      realtime: { transport: OwnTransport as never },
    });

    expect(client.realtime.transport).toBe(OwnTransport);
  });
});

describe("types", () => {
  const client = backend.client();

  test("describe the contents of jsonb columns", async () => {
    type Preferences = Database["public"]["Tables"]["user_preferences"]["Row"];
    expectTypeOf<Preferences["custom_hours"]>().toEqualTypeOf<{
      start: string;
      end: string;
      timezone: string;
    } | null>();
    expectTypeOf<Preferences["communication_preferences"]>().toEqualTypeOf<{
      email: boolean;
      sms: boolean;
      in_app: boolean;
    } | null>();
    const { data } = await client.from("users").select("vibe_profile");
    type Profile = NonNullable<typeof data>[number]["vibe_profile"];
    expectTypeOf<Profile>().toEqualTypeOf<VibeProfile | null>();
    expectTypeOf<Awaited<ReturnType<typeof ensure>>["vibe_profile"]>().toEqualTypeOf<Profile>();
  });

  const ensure = async () => (await client.rpc("ensure_user").throwOnError()).data;

  test("refuse values that the database would refuse", () => {
    const thoughts = client.from("thoughts");
    const preferences = client.from("user_preferences");
    const neverSent = () => [
      // @ts-expect-error the text is missing
      thoughts.insert({ tags: ["a"] }),
      // @ts-expect-error the database sets ids
      thoughts.insert({ id: 1, thought_text: "t" }),
      // @ts-expect-error no such status
      client.from("intentions").update({ status: "done" }),
      // @ts-expect-error a channel is true or false
      preferences.insert({ communication_preferences: { email: "yes", sms: false, in_app: true } }),
      // @ts-expect-error the zone is missing
      preferences.insert({ custom_hours: { start: "09:00", end: "17:00" } }),
      // @ts-expect-error no such function
      client.rpc("complete_intentions"),
      // @ts-expect-error an id is a number
      client.rpc("complete_intention", { intention_id: "1", story_text: "s" }),
    ];
    expect(neverSent).toBeTypeOf("function");
  });

  test("join related rows", async () => {
    const { data } = await client.from("circles").select("circle_name, thoughts(thought_text)");

    expectTypeOf<NonNullable<typeof data>[number]>().toEqualTypeOf<{
      circle_name: string;
      thoughts: { thought_text: string }[];
    }>();
    expectTypeOf<Tables<"intentions">["status"]>().toEqualTypeOf<"active" | "completed" | "archived">();
  });
});
