import { type MakeOperations, crud, read, write } from "../operation.ts";

export default (async (gw) => {
  const [thought, other] = await gw.thoughts.createMany([
    { thought_text: "Plant a pear tree" },
    { thought_text: "Prune the pear tree" },
  ]);
  const vector = Array.from({ length: 1536 }, (_, index) => (index === 0 ? 1 : 0));
  return [
    ...(await crud(gw, {
      domain: "thoughts",
      table: "thoughts",
      id: thought!.id,
      values: { thought_text: "t" },
      make: () => gw.thoughts.capture("Gone"),
    })),
    write("thoughts.capture", (user) => user.thoughts.capture("captured"), "thoughts"),
    write("thoughts.relate", (user) => user.thoughts.relate(thought!.id, other!.id), "thought_relationships"),
    read("thoughts.related", (user) => user.thoughts.related(other!.id)),
    read("thoughts.similar", (user) => user.thoughts.similar(vector)),
    write("thoughts.organize", (user) => user.thoughts.organize(), "agent_jobs"),
  ];
}) satisfies MakeOperations;
