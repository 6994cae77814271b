/**
 * The care loop in one sitting: capture, gather, intend, complete, tell.
 *
 *   npm start                              # in one terminal
 *   npx node examples/circles-of-care.ts   # in another
 *
 * SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY point it at any other project.
 */
import { createClient } from "groundwork";
import { localKeys } from "groundwork/local";

const url = process.env.SUPABASE_URL ?? "http://127.0.0.1:54321";
const key = process.env.SUPABASE_PUBLISHABLE_KEY ?? localKeys.publishableKey;
const supabase = createClient(url, key);

const { error: refused } = await supabase.auth.signUp({
  email: `maria.${Date.now()}@example.com`,
  password: "correct horse battery",
  options: { data: { name: "Maria", timezone: "Europe/Lisbon" } },
});
if (refused) throw refused;
const { data: maria } = await supabase.rpc("ensure_user").throwOnError();
console.log(`${maria.name} signed up (${maria.timezone}).`);

const captured = ["Grandmother's knee hurts on the stairs.", "She misses the market.", "Learn the accordion."];
const { data: thoughts } = await supabase
  .from("thoughts")
  .insert(captured.map((thought_text) => ({ thought_text })))
  .select("id, thought_text")
  .throwOnError();

const { data: circle } = await supabase
  .from("circles")
  .insert({ circle_name: "Grandmother" })
  .select("id")
  .single()
  .throwOnError();
const cared = thoughts.filter(({ thought_text }) => thought_text !== "Learn the accordion.").map(({ id }) => id);
await supabase.from("thoughts").update({ circle_id: circle.id }).in("id", cared).throwOnError();

const { data: intention } = await supabase
  .from("intentions")
  .insert({ intention_text: "Carry the shopping for her on Saturday" })
  .select("id, intention_text")
  .single()
  .throwOnError();
await supabase
  .from("intention_cares")
  .insert(cared.map((thought_id) => ({ intention_id: intention.id, thought_id })))
  .throwOnError();

const story_text = "We went to the market together. I carried, she chose.";
const { data: story } = await supabase
  .rpc("complete_intention", { intention_id: intention.id, story_text })
  .throwOnError();
const { data: gathered } = await supabase
  .from("circles")
  .select("circle_name, care_frequency, thoughts(thought_text)")
  .single()
  .throwOnError();

console.log(`${gathered.circle_name}: ${gathered.thoughts.length} thoughts, ${gathered.care_frequency} interactions.`);
console.log(`${intention.intention_text} → ${story.story_text}`);
