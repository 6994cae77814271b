import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startLocal } from "groundwork/local";
import { expect, test } from "vitest";

test("examples/circles-of-care.ts goes round the whole loop", async () => {
  await using backend = await startLocal();

  const { stdout } = await promisify(execFile)("node", ["examples/circles-of-care.ts"], {
    env: { ...process.env, SUPABASE_URL: backend.url, SUPABASE_PUBLISHABLE_KEY: backend.publishableKey },
  });

  expect(stdout).toBe(
    [
      "Maria signed up (Europe/Lisbon).",
      "Grandmother: 2 thoughts, 5 interactions.",
      "Carry the shopping for her on Saturday → We went to the market together. I carried, she chose.",
      "",
    ].join("\n"),
  );
});
