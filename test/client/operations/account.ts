import { type MakeOperations, read, write } from "../operation.ts";

export default (async (gw) => {
  await gw.account.refreshVibeProfile();
  return [
    // The vibe profile is computed again when other operations call discover, so it is left out.
    read("account.get", async (user) => ({
      ...(await user.account.get()),
      updated_at: null,
      vibe_profile: null,
    })),
    write("account.update", (user) => user.account.update({ timezone: "Europe/Lisbon" })),
    write("account.refreshVibeProfile", (user) => user.account.refreshVibeProfile()),
  ];
}) satisfies MakeOperations;
