import type { Memory } from "#groundwork";
import { type MakeOperations, crud, read, write } from "../operation.ts";

export default (async (gw) => {
  const [memory, older, newer, superseded, superseding, forgotten] = (await gw.memories.createMany(
    ["Memory", "Older", "Newer", "Superseded", "Superseding", "Forgotten"].map((content) => ({ content })),
  )) as [Memory, Memory, Memory, Memory, Memory, Memory];
  await gw.memories.supersede(superseded.id, superseding.id);
  const vector = Array.from({ length: 1536 }, (_, index) => (index === 0 ? 1 : 0));
  return [
    ...(await crud(gw, {
      domain: "memories",
      table: "personal_memories",
      id: memory.id,
      values: { content: "m" },
      make: () => gw.memories.create({ content: "Gone" }),
    })),
    read("memories.similar", (user) => user.memories.similar(vector)),
    read("memories.recall", (user) => user.memories.recall("pear")),
    write("memories.remember", (user) => user.memories.remember("Pears are ripe."), "personal_memories"),
    write("memories.supersede", (user) => user.memories.supersede(older.id, newer.id)),
    write("memories.restore", (user) => user.memories.restore(superseded.id)),
    { ...write("memories.forget", (user) => user.memories.forget(forgotten.id), "personal_memories"), adds: -1 },
    { ...write("memories.forgetAll", (user) => user.memories.forgetAll()), turn: "personal_memories" },
    write("memories.consolidate", (user) => user.memories.consolidate(), "agent_jobs"),
  ];
}) satisfies MakeOperations;
