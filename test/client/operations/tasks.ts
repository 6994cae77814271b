import { type MakeOperations, crud, write } from "../operation.ts";

export default (async (gw) => {
  const task = await gw.tasks.create({ title: "t" });
  return [
    ...(await crud(gw, {
      domain: "tasks",
      table: "tasks",
      id: task.id,
      values: { title: "t" },
      make: () => gw.tasks.create({ title: "Gone" }),
    })),
    write("tasks.complete", (user) => user.tasks.complete(task.id)),
    write("tasks.reopen", (user) => user.tasks.reopen(task.id)),
  ];
}) satisfies MakeOperations;
