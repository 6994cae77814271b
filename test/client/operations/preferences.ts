import { type MakeOperations, read, write } from "../operation.ts";

export default (async (gw) => {
  await gw.preferences.save({ theme: "dark" });
  return [
    read("preferences.get", (user) => user.preferences.get()),
    write("preferences.save", (user) => user.preferences.save({ onboarding_completed: true })),
    write("preferences.reset", (user) => user.preferences.reset()),
  ];
}) satisfies MakeOperations;
