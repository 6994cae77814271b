import { type MakeOperations, crud, write } from "../operation.ts";

export default (async (gw) => {
  const persona = await gw.personas.create({ raw_text: "r", persona: {} });
  const operations = await crud(gw, {
    domain: "personas",
    table: "personas",
    id: persona.id,
    values: { raw_text: "r", persona: {} },
    make: () => gw.personas.create({ raw_text: "Gone", persona: {} }),
  });
  // An agent makes a persona by a job, so these operations take turns with those of jobs.
  for (const operation of operations) if (operation.table) operation.turn = "agent_jobs";
  return [
    ...operations,
    {
      ...write("personas.generate", (user) => user.personas.generate({ raw_text: "John is a baker." }), "personas"),
      turn: "agent_jobs",
    },
    write("personas.merge", (user) => user.personas.merge(persona.id, { occupation: "baker" })),
  ];
}) satisfies MakeOperations;
