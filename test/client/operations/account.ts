import { type MakeOperations, read, write } from "../operation.ts";

export default (async (gw) => {
  await gw.account.refreshVibeProfile();
  return [
    // Its profile is computed anew while others ask what to care for.
    read("account.get", async (user) => ({
      ...(await user.account.get()),
      updated_at: null,
      vibe_profile: null,
    })),
    write("account.update", (user) => user.account.update({ timezone: "Europe/Lisbon" })),
    write("account.refreshVibeProfile", (user) => user.account.refreshVibeProfile()),
  ];
}) satisfies MakeOperations;
