import { type MakeOperations, read, write } from "../operation.ts";

const entry = { resource_type: "ad_spend", cost: 1 } as const;

export default (async (gw) => {
  const { id } = await gw.budget.create(entry);
  return [
    read("budget.get", (user) => user.budget.get(id)),
    read("budget.list", (user) => user.budget.list({ limit: 3 })),
    read("budget.count", (user) => user.budget.count()),
    read("budget.all", (user) => Array.fromAsync(user.budget.all())),
    write("budget.create", (user) => user.budget.create(entry), "budget_entries"),
    write("budget.createMany", (user) => user.budget.createMany([entry]), "budget_entries"),
    read("budget.month", (user) => user.budget.month()),
    read("budget.limits", (user) => user.budget.limits()),
  ];
}) satisfies MakeOperations;
