import { startLocal } from "#groundwork/local";
import { afterAll, describe, expect, test } from "vitest";
import { applyMigrations, readMigrations } from "../../src/local/migrations.ts";
import { describeTable } from "../setup/catalog.ts";
import { emptyDatabase } from "../setup/empty-database.ts";

const backend = await startLocal();
afterAll(() => backend.close());

const ownerKey = "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE";
const timestamp = "timestamp with time zone not null default now()";
const owner = "uuid not null default groundwork.current_user_id()";
const identity = "bigint not null generated always as identity";

/** The columns of section 2.2 of the document PK, with the names that they have here. */
const columnsOfDocument = {
  users: ["id", "email", "vibe_profile", "created_at", "updated_at"],
  thoughts: [
    "id",
    "user_id",
    "thought_text",
    "tags",
    "reflection",
    "novelty_score",
    "circle_id",
    "created_at",
    "updated_at",
  ],
  circles: ["id", "user_id", "circle_name", "description", "care_frequency", "created_at", "updated_at"],
  intentions: ["id", "user_id", "intention_text", "status", "created_at", "updated_at"],
  intention_cares: ["id", "intention_id", "thought_id", "created_at"],
  stories: ["id", "user_id", "story_text", "intention_id", "completed_at", "created_at"],
};

describe("the tables of Circles of Care", () => {
  test("PK-AC5a users has a unique e-mail address and a vibe profile", async () => {
    const users = await describeTable(backend, "users");

    expect(users?.columns).toMatchObject({
      id: "uuid not null default gen_random_uuid()",
      // Null only for accounts without an address, because anonymous sign-ups and sign-ups by phone must not fail
      // (DESIGN).
      email: "text",
      vibe_profile: "jsonb",
      created_at: timestamp,
      updated_at: timestamp,
    });
    expect(users?.constraints).toContain("UNIQUE (email)");
    expect(users?.constraints).toContain("FOREIGN KEY (auth_user_id) REFERENCES auth.users(id) ON DELETE CASCADE");
    await expect(
      backend.database.query("insert into public.users (clerk_user_id, name) values ('user_x', 'No contact')"),
    ).rejects.toMatchObject({ code: "23514", constraint: "users_contact_check" });
  });

  test("PK-AC5b thoughts are deleted with their user, stay when their circle is deleted, and are indexed by user, circle and time", async () => {
    const thoughts = await describeTable(backend, "thoughts");

    expect(thoughts?.columns).toEqual({
      id: identity,
      user_id: owner,
      thought_text: "text not null",
      tags: "text[]",
      reflection: "text",
      novelty_score: "double precision",
      circle_id: "bigint",
      // An addition to the document: the user or the organizer.
      placed_by: "arranger",
      created_at: timestamp,
      updated_at: timestamp,
    });
    expect(thoughts?.constraints).toEqual([
      ownerKey,
      "FOREIGN KEY (user_id, circle_id) REFERENCES circles(user_id, id) ON DELETE SET NULL (circle_id)",
      "PRIMARY KEY (id)",
      "UNIQUE (user_id, id)",
    ]);
    expect(thoughts?.indexes).toEqual([
      "id",
      "user_id, circle_id",
      "user_id, created_at DESC",
      "user_id, groundwork.words_of(thought_text)",
      "user_id, id",
    ]);
  });

  test("PK-AC5c circles have a name, and count care from 0", async () => {
    const circles = await describeTable(backend, "circles");

    expect(circles?.columns).toEqual({
      id: identity,
      user_id: owner,
      circle_name: "text not null",
      description: "text",
      care_frequency: "integer not null default 0",
      created_at: timestamp,
      updated_at: timestamp,
    });
    expect(circles?.constraints).toEqual([ownerKey, "PRIMARY KEY (id)", "UNIQUE (user_id, id)"]);
    expect(circles?.indexes).toEqual(["id", "user_id, id"]);
  });

  test("PK-AC5d intentions are active at first, and are indexed by user and status", async () => {
    const intentions = await describeTable(backend, "intentions");

    expect(intentions?.columns).toEqual({
      id: identity,
      user_id: owner,
      intention_text: "text not null",
      status: "intention_status not null default 'active'::intention_status",
      created_at: timestamp,
      updated_at: timestamp,
    });
    expect(intentions?.constraints).toEqual([ownerKey, "PRIMARY KEY (id)", "UNIQUE (user_id, id)"]);
    expect(intentions?.indexes).toEqual(["id", "user_id, id", "user_id, status"]);
    const labels = await backend.database.query(
      "select unnest(enum_range(null::public.intention_status))::text as label",
    );
    expect(labels).toEqual([{ label: "active" }, { label: "completed" }, { label: "archived" }]);
  });

  test("PK-AC5e intention_cares refuses the same pair twice", async () => {
    const cares = await describeTable(backend, "intention_cares");
    const { client } = await backend.signUp();
    const { data: thought } = await client
      .from("thoughts")
      .insert({ thought_text: "t" })
      .select()
      .single()
      .throwOnError();
    const { data: intention } = await client
      .from("intentions")
      .insert({ intention_text: "i" })
      .select()
      .single()
      .throwOnError();
    const pair = { intention_id: intention.id, thought_id: thought.id };

    const first = await client.from("intention_cares").insert(pair);
    const second = await client.from("intention_cares").insert(pair);

    expect(first.error).toBeNull();
    expect(second).toMatchObject({ status: 409, error: { code: "23505" } });
    expect(cares?.columns).toEqual({
      id: identity,
      user_id: owner,
      intention_id: "bigint not null",
      thought_id: "bigint not null",
      created_at: timestamp,
    });
    expect(cares?.constraints).toEqual([
      ownerKey,
      "FOREIGN KEY (user_id, intention_id) REFERENCES intentions(user_id, id) ON DELETE CASCADE",
      "FOREIGN KEY (user_id, thought_id) REFERENCES thoughts(user_id, id) ON DELETE CASCADE",
      "PRIMARY KEY (id)",
      "UNIQUE (intention_id, thought_id)",
    ]);
    expect(cares?.indexes).toEqual(["id", "intention_id, thought_id", "user_id, intention_id", "user_id, thought_id"]);
  });

  test("PK-AC5f stories stay when their intention is deleted, and are indexed by user, intention and time", async () => {
    const stories = await describeTable(backend, "stories");

    expect(stories?.columns).toEqual({
      id: identity,
      user_id: owner,
      story_text: "text not null",
      intention_id: "bigint",
      completed_at: timestamp,
      created_at: timestamp,
    });
    expect(stories?.constraints).toEqual([
      ownerKey,
      "FOREIGN KEY (user_id, intention_id) REFERENCES intentions(user_id, id) ON DELETE SET NULL (intention_id)",
      "PRIMARY KEY (id)",
    ]);
    expect(stories?.indexes).toEqual([
      "id",
      "user_id, completed_at DESC",
      "user_id, groundwork.words_of(story_text)",
      "user_id, intention_id",
    ]);
  });

  test("PK-AC6 TD-4.3 every migration applies to an empty database, and is recorded", async () => {
    const migrations = await readMigrations("supabase/migrations");
    await using database = await emptyDatabase();
    const recorded = () =>
      database.query("select version, name from supabase_migrations.schema_migrations order by version");

    expect(await recorded()).toEqual([]);
    const applied = await applyMigrations(database, migrations);

    expect(applied).toHaveLength(migrations.length);
    expect(await recorded()).toEqual(migrations.map(({ version, name }) => ({ version, name })));
  });

  test("PK-AC7 the API serves every table, with the document's columns and relations", async () => {
    const { client } = await backend.signUp();
    const one = async <Row>(query: PromiseLike<{ data: Row }>) => (await query).data;
    const circle = await one(client.from("circles").insert({ circle_name: "c" }).select().single().throwOnError());
    const thought = await one(
      client.from("thoughts").insert({ thought_text: "t", circle_id: circle.id }).select().single().throwOnError(),
    );
    const intention = await one(
      client.from("intentions").insert({ intention_text: "i" }).select().single().throwOnError(),
    );
    const pair = { intention_id: intention.id, thought_id: thought.id };
    await client.from("intention_cares").insert(pair).throwOnError();
    await client.rpc("complete_intention", { intention_id: intention.id, story_text: "s" }).throwOnError();

    const { data } = await client
      .from("users")
      .select(
        "*, circles(*, thoughts(*)), thoughts(*, intention_cares(*)), intentions(*, stories(*), intention_cares(*))",
      )
      .single()
      .throwOnError();

    const rows = {
      users: data,
      circles: data.circles[0],
      thoughts: data.circles[0]?.thoughts[0],
      intentions: data.intentions[0],
      intention_cares: data.thoughts[0]?.intention_cares[0],
      stories: data.intentions[0]?.stories[0],
    };
    for (const [table, columns] of Object.entries(columnsOfDocument)) {
      expect.soft(Object.keys(rows[table as keyof typeof rows] ?? {}), table).toEqual(expect.arrayContaining(columns));
    }
    expect(data.intentions[0]?.intention_cares).toMatchObject([pair]);
  });

  test("PK-T1 the database answers, and a user can be inserted, selected and deleted", async () => {
    expect(await backend.database.query("select 1 as one")).toEqual([{ one: 1 }]);
    const admin = backend.adminClient();
    const { data: made } = await admin
      .from("users")
      .insert({ clerk_user_id: "user_test", email: "test@example.com", name: "Test" })
      .select()
      .single()
      .throwOnError();

    const { data: found } = await admin.from("users").select().eq("email", "test@example.com").single().throwOnError();
    await admin.from("users").delete().eq("id", made.id).throwOnError();

    expect(found).toEqual(made);
    expect((await admin.from("users").select().eq("id", made.id).throwOnError()).data).toEqual([]);
  });
});

describe("deleting", () => {
  test("PK-B1 a user deletes the user's thoughts and circles", async () => {
    const { client, user } = await backend.signUp();
    const { data: circle } = await client.from("circles").insert({ circle_name: "c" }).select().single().throwOnError();
    await client.from("thoughts").insert({ thought_text: "t", circle_id: circle.id }).throwOnError();

    await backend.adminClient().from("users").delete().eq("id", user.id).throwOnError();

    const left = await backend.database.query(
      "select id from public.thoughts where user_id = $1 union all select id from public.circles where user_id = $1",
      [user.id],
    );
    expect(left).toEqual([]);
  });

  test("PK-B2 a circle keeps the thoughts, with circle_id null", async () => {
    const { client } = await backend.signUp();
    const { data: circle } = await client.from("circles").insert({ circle_name: "c" }).select().single().throwOnError();
    const { data: thought } = await client
      .from("thoughts")
      .insert({ thought_text: "kept", circle_id: circle.id })
      .select()
      .single()
      .throwOnError();

    await client.from("circles").delete().eq("id", circle.id).throwOnError();

    const { data } = await client.from("thoughts").select().single().throwOnError();
    expect(data).toMatchObject({ id: thought.id, user_id: thought.user_id, thought_text: "kept", circle_id: null });
  });
});
