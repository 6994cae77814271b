/** A text file in, a persona out; then what a repository of them can do. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { signUp } from "../sign-up.ts";

const file = process.argv[2] ?? path.join(import.meta.dirname, "john.txt");
const raw_text = await readFile(file, "utf8");
const gw = await signUp("Ada", "Europe/London");

const { persona: made } = await gw.personas.generate({ raw_text, source: path.basename(file) });
console.log(`${made.title}: ${made.persona.summary}`);
for (const { field, value, quote } of made.persona.evidence ?? []) console.log(`  ${field} ${value} ← "${quote}"`);

// Fields of your own survive, and so does what is not named.
const merged = await gw.personas.merge(made.id, { favourite_colour: "green" });
console.log(
  `Traits after an update: ${merged.persona.traits?.join(", ")}; colour: ${merged.persona.favourite_colour}.`,
);

const { persona: anew } = await gw.personas.generate({ raw_text, replaces: made.id });
console.log(`Made anew, the former one is kept: ${(await gw.personas.get(anew.replaces!)).id === made.id}.`);

await gw.personas.create({ raw_text: "Written by hand.", persona: { name: "Grace", traits: ["curious"] } });
const { items, total } = await gw.personas.list({ limit: 2, offset: 0 });
console.log(`${items.length} of ${total} personas; counted: ${await gw.personas.count()}.`);
await gw.personas.remove(anew.id);
console.log(`After removing one: ${await gw.personas.count()}.`);
