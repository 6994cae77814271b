import type { Client } from "#groundwork";
import { type MakeOperations, read, write } from "../operation.ts";

const topic = { topic: "Pear trees" };

export default (async (gw, admin) => {
  const cancelled = await gw.jobs.enqueue("seo_writer", topic);
  await gw.jobs.cancel(cancelled.id);
  const failed = await gw.jobs.enqueue("seo_writer", topic);
  await failAll(admin);
  const cancellable = await gw.jobs.enqueue("seo_writer", { topic: "Plums" });
  return [
    read("jobs.get", (user) => user.jobs.get(failed.id)),
    read("jobs.list", (user) => user.jobs.list({ status: "cancelled" })),
    read("jobs.count", (user) => user.jobs.count({ status: "cancelled" })),
    read("jobs.all", (user) => Array.fromAsync(user.jobs.all({ status: "cancelled" }))),
    read("jobs.watch", (user) => Array.fromAsync(user.jobs.watch(cancelled.id))),
    read("jobs.wait", (user) => user.jobs.wait(cancelled.id)),
    write("jobs.enqueue", (user) => user.jobs.enqueue("seo_writer", topic), "agent_jobs"),
    write(
      "jobs.enqueueMany",
      (user) => user.jobs.enqueueMany([{ agent_type: "seo_writer", input_data: topic }]),
      "agent_jobs",
    ),
    write("jobs.cancel", (user) => user.jobs.cancel(cancellable.id)),
    write("jobs.retry", (user) => user.jobs.retry(failed.id)),
    {
      name: "jobs.enqueue with a key",
      kind: "repeatable write",
      table: "agent_jobs",
      adds: 1,
      run: (user) => user.jobs.enqueue("seo_writer", topic, { idempotency_key: "once" }),
    },
    {
      name: "jobs.enqueueMany with keys",
      kind: "repeatable write",
      table: "agent_jobs",
      adds: 1,
      run: (user) =>
        user.jobs.enqueueMany([{ agent_type: "seo_writer", input_data: topic, idempotency_key: "also once" }]),
    },
  ];
}) satisfies MakeOperations;

/** Fails all pending jobs, as a worker would. */
async function failAll(admin: Client): Promise<void> {
  const { data: claimed } = await admin.rpc("claim_agent_jobs", { worker_id: "w", batch_size: 100 }).throwOnError();
  for (const { id: job_id, lease_token } of claimed) {
    await admin
      .rpc("fail_agent_job", { job_id, lease_token, error_message: "Refused.", retryable: false })
      .throwOnError();
  }
}
