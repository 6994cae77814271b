import { packageName } from "../../../scripts/package/package-name.ts";

/**
 * Writes an app that uses the package, as JavaScript for any runtime. It signs up, writes, reads, is refused, and
 * watches a job. `report` gets its results.
 */
export const app = (url: string, key: string, report: string) => `
  import { GroundworkError, Constants, createGroundwork } from "${packageName}";
  import { CustomHours } from "${packageName}/schemas";

  const gw = createGroundwork(${JSON.stringify(url)}, ${JSON.stringify(key)});
  const credentials = { email: crypto.randomUUID() + "@example.com", password: "correct horse battery" };
  const { error } = await gw.supabase.auth.signUp(credentials);
  if (error) throw error;
  const thought = await gw.thoughts.capture("Plant a pear tree", { tags: ["garden"] });
  const { items, total } = await gw.thoughts.list();
  const refused = await gw.tasks.get(1).catch((error) => error);
  const job = await gw.jobs.enqueue("seo_writer", { topic: "Pear trees" });
  const states = [];
  for await (const { status } of gw.jobs.watch(job.id, { intervalMs: 100 })) {
    states.push(status);
    if (status === "pending") await gw.jobs.cancel(job.id);
  }
  const report = {
    same: items[0].id === thought.id,
    total,
    refused: refused instanceof GroundworkError && refused.code,
    states,
    statuses: Constants.public.Enums.intention_status,
    hours: CustomHours.safeParse({ start: "9", end: "17:00", timezone: "UTC" }).success,
  };
  ${report}
`;

/** The report on every runtime. */
export const expectedReport = {
  same: true,
  total: 1,
  refused: "not_found",
  states: ["pending", "cancelled"],
  statuses: ["active", "completed", "archived"],
  hours: false,
};
