import { type MakeOperations, crud, read, write } from "../operation.ts";

export default (async (gw) => {
  const intend = () => gw.intentions.create({ intention_text: "Rest" });
  const [intention, open] = [await intend(), await intend()];
  const [thought, other] = await gw.thoughts.createMany([
    { thought_text: "Rest under the pear tree" },
    { thought_text: "Read under the pear tree" },
  ]);
  await gw.intentions.care(intention.id, [thought!.id]);
  return [
    ...(await crud(gw, {
      domain: "intentions",
      table: "intentions",
      id: intention.id,
      values: { intention_text: "i" },
      make: intend,
    })),
    write("intentions.care", (user) => user.intentions.care(open.id, [other!.id]), "intention_cares"),
    read("intentions.thoughts", (user) => user.intentions.thoughts(intention.id)),
    write("intentions.complete", (user) => user.intentions.complete(open.id, "Done."), "stories"),
    write("intentions.archive", (user) => user.intentions.archive(intention.id)),
  ];
}) satisfies MakeOperations;
