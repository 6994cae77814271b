import type { Client, Groundwork, Memory } from "#groundwork";

/** A call of one method, on a person's own rows that were made for it. */
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

/** Makes the rows of one person, and an operation for each method of each domain. */
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
      { name: `${domain}.get`, kind: "read", run: (person) => of(person).get!(id) },
      { name: `${domain}.list`, kind: "read", run: (person) => of(person).list!({ limit: 3 }) },
      { name: `${domain}.count`, kind: "read", run: (person) => of(person).count!() },
      {
        name: `${domain}.all`,
        kind: "read",
        run: (person) => Array.fromAsync(person[domain].all() as AsyncIterable<unknown>),
      },
      { name: `${domain}.create`, kind: "write", table, adds: 1, run: (person) => of(person).create!(values) },
      {
        name: `${domain}.createMany`,
        kind: "write",
        table,
        adds: 1,
        run: (person) => of(person).createMany!([values]),
      },
      { name: `${domain}.update`, kind: "write", run: (person) => of(person).update!(id, values) },
      { name: `${domain}.remove`, kind: "write", table, adds: -1, run: (person) => of(person).remove!(gone.id) },
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
    read("account.get", async (person) => ({
      ...(await person.account.get()),
      updated_at: null,
      vibe_profile: null,
    })),
    change("account.update", (person) => person.account.update({ timezone: "Europe/Lisbon" })),
    read("preferences.get", (person) => person.preferences.get()),
    change("preferences.save", (person) => person.preferences.save({ onboarding_completed: true })),
    change("preferences.reset", (person) => person.preferences.reset()),
    change("thoughts.capture", (person) => person.thoughts.capture("captured"), "thoughts"),
    change("thoughts.relate", (person) => person.thoughts.relate(thought!.id, other!.id), "thought_relationships"),
    read("thoughts.related", (person) => person.thoughts.related(other!.id)),
    read("thoughts.similar", (person) => person.thoughts.similar(vector)),
    read("memories.similar", (person) => person.memories.similar(vector)),
    change("circles.gather", (person) => person.circles.gather(circle.id, [other!.id])),
    change("intentions.care", (person) => person.intentions.care(open.id, [other!.id]), "intention_cares"),
    read("intentions.thoughts", (person) => person.intentions.thoughts(intention.id)),
    change("intentions.complete", (person) => person.intentions.complete(open.id, "Done."), "stories"),
    change("intentions.archive", (person) => person.intentions.archive(intention.id)),
    change("tasks.complete", (person) => person.tasks.complete(task.id)),
    change("tasks.reopen", (person) => person.tasks.reopen(task.id)),
    change("campaigns.activate", (person) => person.campaigns.activate(campaign.id)),
    change("campaigns.pause", (person) => person.campaigns.pause(campaign.id)),
    change("campaigns.complete", (person) => person.campaigns.complete(campaign.id)),
    change("campaigns.archive", (person) => person.campaigns.archive(campaign.id)),
    change("content.submit", (person) => person.content.submit(draft.id)),
    change("content.sendBack", (person) => person.content.sendBack(inReview.id)),
    change("content.approve", (person) => person.content.approve(reviewed.id)),
    change("content.publish", (person) => person.content.publish(approved.id)),
    change("content.archive", (person) => person.content.archive(published.id)),
    change("account.refreshVibeProfile", (person) => person.account.refreshVibeProfile()),
    // Its scores fall as time goes by.
    read("circles.discover", async (person) => (await person.circles.discover()).map(({ title }) => title).toSorted()),
    read("search.health", (person) => person.search.health()),
    read("search", async (person) => (await person.search("pear")).hits),
    read("memories.recall", (person) => person.memories.recall("pear")),
    change("memories.remember", (person) => person.memories.remember("Pears are ripe."), "personal_memories"),
    change("memories.supersede", (person) => person.memories.supersede(older.id, newer.id)),
    change("memories.restore", (person) => person.memories.restore(superseded.id)),
    {
      ...change("memories.forget", (person) => person.memories.forget(forgotten.id), "personal_memories"),
      adds: -1,
    },
    { ...change("memories.forgetAll", (person) => person.memories.forgetAll()), turn: "personal_memories" },
    change("thoughts.organize", (person) => person.thoughts.organize(), "agent_jobs"),
    change("memories.consolidate", (person) => person.memories.consolidate(), "agent_jobs"),
    {
      ...change(
        "personas.generate",
        (person) => person.personas.generate({ raw_text: "John is a baker." }),
        "personas",
      ),
      turn: "agent_jobs",
    },
    change("personas.merge", (person) => person.personas.merge(persona.id, { occupation: "baker" })),
    read("jobs.get", (person) => person.jobs.get(failed.id)),
    read("jobs.list", (person) => person.jobs.list({ status: "cancelled" })),
    read("jobs.count", (person) => person.jobs.count({ status: "cancelled" })),
    read("jobs.all", (person) => Array.fromAsync(person.jobs.all({ status: "cancelled" }))),
    read("jobs.watch", (person) => Array.fromAsync(person.jobs.watch(cancelled.id))),
    read("jobs.wait", (person) => person.jobs.wait(cancelled.id)),
    change("jobs.enqueue", (person) => person.jobs.enqueue("seo_writer", topic), "agent_jobs"),
    change(
      "jobs.enqueueMany",
      (person) => person.jobs.enqueueMany([{ agent_type: "seo_writer", input_data: topic }]),
      "agent_jobs",
    ),
    change("jobs.cancel", (person) => person.jobs.cancel(cancellable.id)),
    change("jobs.retry", (person) => person.jobs.retry(failed.id)),
    {
      name: "jobs.enqueue with a key",
      kind: "repeatable write",
      table: "agent_jobs",
      adds: 1,
      run: (person) => person.jobs.enqueue("seo_writer", topic, { idempotency_key: "once" }),
    },
    {
      name: "jobs.enqueueMany with keys",
      kind: "repeatable write",
      table: "agent_jobs",
      adds: 1,
      run: (person) =>
        person.jobs.enqueueMany([{ agent_type: "seo_writer", input_data: topic, idempotency_key: "also once" }]),
    },
    read("budget.get", (person) => person.budget.get(entry.id)),
    read("budget.list", (person) => person.budget.list({ limit: 3 })),
    read("budget.count", (person) => person.budget.count()),
    read("budget.all", (person) => Array.fromAsync(person.budget.all())),
    change("budget.create", (person) => person.budget.create({ resource_type: "ad_spend", cost: 1 }), "budget_entries"),
    change(
      "budget.createMany",
      (person) => person.budget.createMany([{ resource_type: "ad_spend", cost: 1 }]),
      "budget_entries",
    ),
    read("budget.month", (person) => person.budget.month()),
    read("budget.limits", (person) => person.budget.limits()),
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
