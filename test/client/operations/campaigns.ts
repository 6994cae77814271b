import { type MakeOperations, crud, write } from "../operation.ts";

export default (async (gw) => {
  const values = { name: "n", start_date: "2026-03-01T00:00:00Z" };
  const { id } = await gw.campaigns.create({ ...values, budget: 10 });
  return [
    ...(await crud(gw, {
      domain: "campaigns",
      table: "campaigns",
      id,
      values,
      make: () => gw.campaigns.create(values),
    })),
    write("campaigns.activate", (user) => user.campaigns.activate(id)),
    write("campaigns.pause", (user) => user.campaigns.pause(id)),
    write("campaigns.complete", (user) => user.campaigns.complete(id)),
    write("campaigns.archive", (user) => user.campaigns.archive(id)),
  ];
}) satisfies MakeOperations;
