import type { Client, Groundwork, Memory } from "#groundwork";

/** A call of one method, on a user's own rows that were made for it. */
export interface Operation {
  /** `<domain>.<method>`, and what is special about it. */
  name: string;
  /** A write is not sent twice, unless it has an idempotency key. */
  kind: "read" | "write" | "repeatable write";
  /** The table whose number of rows it changes. */
  table?: string;
  /** By how much. Default 0. */
  adds?: 1 | -1;
  /** Those of one turn run one after the other, because they would be taken for each other's. Default: its table's. */
  turn?: string;
  run(gw: Groundwork): Promise<unknown>;
}

/** Makes the rows of one user, and an operation for each method of each domain. */
export async function makeOperations(gw: Groundwork, admin: Client): Promise<Operation[]> {
  const vector = Array.from({ length: 1536 }, (_, index) => (index === 0 ? 1 : 0));
  const intend = () => gw.intentions.create({ intention_text: "Rest" });
  const campaign = await gw.campaigns.create({ name: "Spring", start_date: "2026-03-01T00:00:00Z", budget: 10 });
  const write = (status: "draft" | "review" | "approved" | "published") => contentIn(gw, status);
  const topic = { topic: "Pear trees" };
  const cancelled = await gw.jobs.enqueue("seo_writer", topic);
  await gw.jobs.cancel(cancelled.id);
  const failed = await gw.jobs.enqueue("seo_writer", topic);
  const cancellable = await failAllBut(gw, admin);
  const [thought, other] = await gw.thoughts.createMany([
    { thought_text: "Plant a pear tree" },
    { thought_text: "Prune the pear tree" },
  ]);
  const [circle, intention, open, story, persona, memory, task, entry] = await Promise.all([
    gw.circles.create({ circle_name: "Garden" }),
    intend(),
    intend(),
    gw.stories.create({ story_text: "Told" }),
    gw.personas.create({ raw_text: "r", persona: {} }),
    gw.memories.create({ content: "m" }),
    gw.tasks.create({ title: "t" }),
    gw.budget.create({ resource_type: "ad_spend", cost: 1 }),
  ]);
  await gw.intentions.care(intention.id, [thought!.id]);
  const [older, newer, superseded, superseding, forgotten] = (await gw.memories.createMany(
    ["Older", "Newer", "Superseded", "Superseding", "Forgotten"].map((content) => ({ content })),
  )) as [Memory, Memory, Memory, Memory, Memory];
  await gw.memories.supersede(superseded.id, superseding.id);
  await gw.preferences.save({ theme: "dark" });
  await gw.account.refreshVibeProfile();

  const crud = async <Id>(
    domain:
      "thoughts" | "circles" | "intentions" | "stories" | "memories" | "personas" | "tasks" | "campaigns" | "content",
    table: string,
    id: Id,
    values: object,
    make: () => Promise<{ id: Id }>,
  ): Promise<Operation[]> => {
    const gone = await make();
    const of = (groundwork: Groundwork) =>
      groundwork[domain] as never as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const all: Operation[] = [
      { name: `${domain}.get`, kind: "read", run: (user) => of(user).get!(id) },
      { name: `${domain}.list`, kind: "read", run: (user) => of(user).list!({ limit: 3 }) },
      { name: `${domain}.count`, kind: "read", run: (user) => of(user).count!() },
      {
        name: `${domain}.all`,
        kind: "read",
        run: (user) => Array.fromAsync(user[domain].all() as AsyncIterable<unknown>),
      },
      { name: `${domain}.create`, kind: "write", table, adds: 1, run: (user) => of(user).create!(values) },
      {
        name: `${domain}.createMany`,
        kind: "write",
        table,
        adds: 1,
        run: (user) => of(user).createMany!([values]),
      },
      { name: `${domain}.update`, kind: "write", run: (user) => of(user).update!(id, values) },
      { name: `${domain}.remove`, kind: "write", table, adds: -1, run: (user) => of(user).remove!(gone.id) },
    ];
    // The persona that an agent makes is a job as well.
    if (domain === "personas") for (const operation of all) if (operation.table) operation.turn = "agent_jobs";
    return all.filter(({ name }) => Object.keys(gw[domain]).includes(name.split(".")[1]!));
  };

  const operations = [
    await crud("thoughts", "thoughts", thought!.id, { thought_text: "t" }, () => gw.thoughts.capture("Gone")),
    await crud("circles", "circles", circle.id, { circle_name: "c" }, () => gw.circles.create({ circle_name: "Gone" })),
    await crud("intentions", "intentions", intention.id, { intention_text: "i" }, intend),
    await crud("stories", "stories", story.id, { story_text: "s" }, () => gw.stories.create({ story_text: "Gone" })),
    await crud("memories", "personal_memories", memory.id, { content: "m" }, () =>
      gw.memories.create({ content: "Gone" }),
    ),
    await crud("personas", "personas", persona.id, { raw_text: "r", persona: {} }, () =>
      gw.personas.create({ raw_text: "Gone", persona: {} }),
    ),
    await crud("tasks", "tasks", task.id, { title: "t" }, () => gw.tasks.create({ title: "Gone" })),
    await crud("campaigns", "campaigns", campaign.id, { name: "n", start_date: "2026-03-01T00:00:00Z" }, () =>
      gw.campaigns.create({ name: "Gone", start_date: "2026-03-01T00:00:00Z" }),
    ),
    await crud(
      "content",
      "content_assets",
      (await write("draft")).id,
      { title: "t", content: "c", content_type: "blog" },
      () => write("draft"),
    ),
  ].flat();

  const read = (name: string, run: Operation["run"]): Operation => ({ name, kind: "read", run });
  const change = (name: string, run: Operation["run"], table?: string): Operation => ({
    name,
    kind: "write",
    run,
    ...(table && { table, adds: 1 as const }),
  });
  const [draft, inReview, reviewed, approved, published] = await Promise.all([
    write("draft"),
    write("review"),
    write("review"),
    write("approved"),
    write("published"),
  ]);
  return [
    ...operations,
    // Its profile is computed anew while others ask what to care for.
    read("account.get", async (user) => ({
      ...(await user.account.get()),
      updated_at: null,
      vibe_profile: null,
    })),
    change("account.update", (user) => user.account.update({ timezone: "Europe/Lisbon" })),
    read("preferences.get", (user) => user.preferences.get()),
    change("preferences.save", (user) => user.preferences.save({ onboarding_completed: true })),
    change("preferences.reset", (user) => user.preferences.reset()),
    change("thoughts.capture", (user) => user.thoughts.capture("captured"), "thoughts"),
    change("thoughts.relate", (user) => user.thoughts.relate(thought!.id, other!.id), "thought_relationships"),
    read("thoughts.related", (user) => user.thoughts.related(other!.id)),
    read("thoughts.similar", (user) => user.thoughts.similar(vector)),
    read("memories.similar", (user) => user.memories.similar(vector)),
    change("circles.gather", (user) => user.circles.gather(circle.id, [other!.id])),
    change("intentions.care", (user) => user.intentions.care(open.id, [other!.id]), "intention_cares"),
    read("intentions.thoughts", (user) => user.intentions.thoughts(intention.id)),
    change("intentions.complete", (user) => user.intentions.complete(open.id, "Done."), "stories"),
    change("intentions.archive", (user) => user.intentions.archive(intention.id)),
    change("tasks.complete", (user) => user.tasks.complete(task.id)),
    change("tasks.reopen", (user) => user.tasks.reopen(task.id)),
    change("campaigns.activate", (user) => user.campaigns.activate(campaign.id)),
    change("campaigns.pause", (user) => user.campaigns.pause(campaign.id)),
    change("campaigns.complete", (user) => user.campaigns.complete(campaign.id)),
    change("campaigns.archive", (user) => user.campaigns.archive(campaign.id)),
    change("content.submit", (user) => user.content.submit(draft.id)),
    change("content.sendBack", (user) => user.content.sendBack(inReview.id)),
    change("content.approve", (user) => user.content.approve(reviewed.id)),
    change("content.publish", (user) => user.content.publish(approved.id)),
    change("content.archive", (user) => user.content.archive(published.id)),
    change("account.refreshVibeProfile", (user) => user.account.refreshVibeProfile()),
    // Its scores fall as time goes by.
    read("circles.discover", async (user) => (await user.circles.discover()).map(({ title }) => title).toSorted()),
    read("search.health", (user) => user.search.health()),
    read("search", async (user) => (await user.search("pear")).hits),
    read("memories.recall", (user) => user.memories.recall("pear")),
    change("memories.remember", (user) => user.memories.remember("Pears are ripe."), "personal_memories"),
    change("memories.supersede", (user) => user.memories.supersede(older.id, newer.id)),
    change("memories.restore", (user) => user.memories.restore(superseded.id)),
    {
      ...change("memories.forget", (user) => user.memories.forget(forgotten.id), "personal_memories"),
      adds: -1,
    },
    { ...change("memories.forgetAll", (user) => user.memories.forgetAll()), turn: "personal_memories" },
    change("thoughts.organize", (user) => user.thoughts.organize(), "agent_jobs"),
    change("memories.consolidate", (user) => user.memories.consolidate(), "agent_jobs"),
    {
      ...change("personas.generate", (user) => user.personas.generate({ raw_text: "John is a baker." }), "personas"),
      turn: "agent_jobs",
    },
    change("personas.merge", (user) => user.personas.merge(persona.id, { occupation: "baker" })),
    read("jobs.get", (user) => user.jobs.get(failed.id)),
    read("jobs.list", (user) => user.jobs.list({ status: "cancelled" })),
    read("jobs.count", (user) => user.jobs.count({ status: "cancelled" })),
    read("jobs.all", (user) => Array.fromAsync(user.jobs.all({ status: "cancelled" }))),
    read("jobs.watch", (user) => Array.fromAsync(user.jobs.watch(cancelled.id))),
    read("jobs.wait", (user) => user.jobs.wait(cancelled.id)),
    change("jobs.enqueue", (user) => user.jobs.enqueue("seo_writer", topic), "agent_jobs"),
    change(
      "jobs.enqueueMany",
      (user) => user.jobs.enqueueMany([{ agent_type: "seo_writer", input_data: topic }]),
      "agent_jobs",
    ),
    change("jobs.cancel", (user) => user.jobs.cancel(cancellable.id)),
    change("jobs.retry", (user) => user.jobs.retry(failed.id)),
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
    read("budget.get", (user) => user.budget.get(entry.id)),
    read("budget.list", (user) => user.budget.list({ limit: 3 })),
    read("budget.count", (user) => user.budget.count()),
    read("budget.all", (user) => Array.fromAsync(user.budget.all())),
    change("budget.create", (user) => user.budget.create({ resource_type: "ad_spend", cost: 1 }), "budget_entries"),
    change(
      "budget.createMany",
      (user) => user.budget.createMany([{ resource_type: "ad_spend", cost: 1 }]),
      "budget_entries",
    ),
    read("budget.month", (user) => user.budget.month()),
    read("budget.limits", (user) => user.budget.limits()),
  ];
}

/** Fails what waits, as a worker would, and gives a job that still waits. */
async function failAllBut(gw: Groundwork, admin: Client) {
  const { data: claimed } = await admin.rpc("claim_agent_jobs", { worker_id: "w", batch_size: 100 }).throwOnError();
  for (const { id: job_id, lease_token } of claimed) {
    await admin
      .rpc("fail_agent_job", { job_id, lease_token, error_message: "Refused.", retryable: false })
      .throwOnError();
  }
  return gw.jobs.enqueue("seo_writer", { topic: "Plums" });
}

async function contentIn(gw: Groundwork, status: "draft" | "review" | "approved" | "published") {
  const steps = [gw.content.submit, gw.content.approve, gw.content.publish];
  let asset = await gw.content.create({ title: "t", content: "c", content_type: "blog" });
  while (asset.status !== status) asset = await steps.shift()!(asset.id);
  return asset;
}
