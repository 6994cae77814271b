import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { startLocal } from "#groundwork/local";
import { afterAll, expect, test } from "vitest";

const backend = await startLocal({ runAgentJobs: true, embed: true });
afterAll(() => backend.close());

/** The complete output of each app. */
const outputs: Record<string, (string | RegExp)[]> = {
  "circles-of-care": [
    "Organized: 2 circles, as planned: 2.",
    "  Grandmother and Stairs: 5 thoughts",
    "  Accordion and Play: 5 thoughts",
    "Carry the shopping on Saturday → We went to the market together. I carried, she chose.",
    /^Near "A second handrail on the stairs for grandmother\.": A chair for grandmother .+ stairs for grandmother\.$/,
    "To care for next:",
    "  circle: Grandmother and Stairs",
    "  thought: A second handrail on the stairs for grandmother.",
    "  thought: Grandmother counts the stairs aloud because of her knee.",
  ],
  "marketing-dashboard": [
    /^seo_writer {6}completed +\d+ tokens {2}\$0\.00$/,
    /^social_media {4}completed +\d+ tokens {2}\$0\.00$/,
    /^email_marketer {2}completed +\d+ tokens {2}\$0\.00$/,
    /^analyst {9}completed +\d+ tokens {2}\$0\.00$/,
    /^optimizer {7}completed +\d+ tokens {2}\$0\.00$/,
    "",
    /^3 pieces approved; published: .+$/,
    "",
    "Q4 Product Launch      ███████████████░░░░░░░░░ $62.50 of $100.00",
    "Holiday Email Series   ██████░░░░░░░░░░░░░░░░░░ $9.20 of $40.00",
    "",
    "Agents have cost $0.00 this month.",
  ],
  companion: [
    "Onboarded: medieval, 09:00–17:00.",
    "Told twice, remembered once: true.",
    '"I live in Porto." contradicts "I live in Lisbon."',
    "Where do I live, today? I live in Porto.",
    "Where do I live, 2026-04-01? I live in Lisbon.",
    "Forgotten for good: true.",
  ],
  personas: [
    /^John: John is described as friendly and patient\. Works as nurse\. Home: Leeds\./,
    '  name John ← "John is friendly and patient."',
    '  occupation nurse ← "He works as a nurse, and he has done so for eleven years."',
    '  location Leeds ← "John lives in Leeds."',
    '  traits friendly ← "John is friendly and patient."',
    '  traits patient ← "John is friendly and patient."',
    '  interests old maps ← "He loves old maps: "I could look at coastlines all day," he says."',
    /^ {2}goals learn Portuguese before the summer ← "His sister Ana plays the cello/,
    "Traits after an update: friendly, patient; colour: green.",
    "Made anew, the former one is kept: true.",
    "2 of 3 personas; counted: 3.",
    "After removing one: 2.",
  ],
  todo: [
    "The new id is none that was there: true.",
    "At first, updated_at is created_at: true.",
    "Completed: true, and updated_at has moved: true.",
    "What is not there is never silently updated: not_found.",
    "Open, the newest first: Task 4, Task 3.",
    "Kim sees 0 tasks, Sam 3.",
    "After Sam left, 0 tasks of theirs.",
  ],
};

test("every app has an expected output", async () => {
  const folders = (await readdir("examples", { withFileTypes: true })).filter((entry) => entry.isDirectory());

  expect(folders.map(({ name }) => name).toSorted()).toEqual(Object.keys(outputs).toSorted());
});

test.each(Object.keys(outputs))("examples/%s runs as its README says, in under 80 lines", async (name) => {
  const env = {
    ...process.env,
    SUPABASE_URL: backend.url,
    SUPABASE_PUBLISHABLE_KEY: backend.publishableKey,
    SUPABASE_SECRET_KEY: backend.secretKey,
  };
  const { stdout } = await promisify(execFile)("node", [`examples/${name}/app.ts`], { env });

  const lines = stdout.trimEnd().split("\n");
  const expected = outputs[name]!.map((line) => (typeof line === "string" ? line : expect.stringMatching(line)));
  expect(lines).toEqual(expected);
  expect((await readFile(`examples/${name}/app.ts`, "utf8")).split("\n").length).toBeLessThan(80);
  expect(await readFile(`examples/${name}/README.md`, "utf8")).toContain(`npm run node examples/${name}/app.ts`);
});
