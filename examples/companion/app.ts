/** A companion: it asks how to be, remembers what it is told, and knows what was true when. */
import { embed } from "../embed.ts";
import { signUp } from "../sign-up.ts";

const gw = await signUp("Jo", "America/Los_Angeles");

const preferences = await gw.preferences.save({
  theme: "medieval",
  custom_hours: { start: "09:00", end: "17:00", timezone: "America/Los_Angeles" },
  communication_preferences: { email: true, sms: false, in_app: true },
  onboarding_completed: true,
});
console.log(`Onboarded: ${preferences.theme}, ${preferences.custom_hours?.start}–${preferences.custom_hours?.end}.`);

await gw.memories.remember("I live in Lisbon.", { valid_from: "2026-03-02T00:00:00Z" });
await gw.memories.remember("I live in Porto.", { valid_from: "2026-06-09T00:00:00Z" });
await gw.memories.remember("My sister Ana plays the cello.");
const first = await gw.memories.remember("I am allergic to peanuts");
const again = await gw.memories.remember("I am allergic to peanuts!");
console.log(`Told twice, remembered once: ${first.id === again.id}.`);
await embed(gw);

const { proposals } = await gw.memories.consolidate();
for (const { relation, older_id, newer_id } of proposals) {
  const [older, newer] = [await gw.memories.get(older_id), await gw.memories.get(newer_id)];
  console.log(`"${newer.content}" ${relation} "${older.content}"`);
}

for (const asOf of [undefined, "2026-04-01T00:00:00Z"]) {
  const [memory] = await gw.memories.recall("Where do I live?", { asOf, matchCount: 1 });
  console.log(`Where do I live, ${asOf?.slice(0, 10) ?? "today"}? ${memory!.content}`);
}

await gw.memories.remove(first.id);
const left = await gw.memories.recall("peanuts allergic");
console.log(`Forgotten for good: ${left.every(({ content }) => !content.includes("peanuts"))}.`);
