/** A criterion of a source document. */
export interface Criterion {
  id: string;
  asks: string;
  /**
   * The reason why there is no test, for a criterion that does not apply. It must be absent if a test has the
   * criterion's id.
   */
  instead?: string;
  /** How and why we deviate from the document on purpose. */
  deviation?: string;
}

const indexNames =
  "Indexes are named `idx_<table>_<columns>` and lead with `user_id`, because each query reads the rows of one user";
const keys =
  "foreign keys between tables of users include `user_id`, so that no row can point to a row of another user";

/** The criteria of the five source documents, in their order. The ids are those of the documents. */
export const criteria: { system: string; criteria: Criterion[] }[] = [
  {
    system: "Agentic marketing dashboard (MK)",
    criteria: [
      { id: "MK-O1", asks: "Postgres is configured" },
      { id: "MK-O2", asks: "the four tables exist" },
      { id: "MK-O3", asks: "migrations are configured" },
      { id: "MK-O4", asks: "seed data is there" },
      { id: "MK-O5", asks: "the backend connects" },
      { id: "MK-V1", asks: "psql connects and lists the four tables" },
      {
        id: "MK-V2",
        asks: "the Table Editor shows the tables",
        deviation:
          "money is numeric and counts are integers, because floats lose cents; `user_id` is added; agent types are rows of a " +
          "table, so that adopters can add theirs. `agent_jobs.status` has no index, because it would make each change of " +
          `status write all indexes of the table. ${indexNames}; ${keys}`,
      },
      { id: "MK-V3", asks: "after seeding, three campaigns with their statuses are found" },
      { id: "MK-V4", asks: "the current revision is the latest" },
      { id: "MK-V5", asks: "a migration creates tables and its downgrade drops them" },
      { id: "MK-V6", asks: "the seed makes 3 campaigns, 3 content assets and 3 jobs" },
      {
        id: "MK-V7",
        asks: "a reset that is not confirmed changes nothing, a confirmed one recreates the tables",
        deviation:
          "the tables are not empty afterwards: the reset applies the seed, as `supabase db reset` does everywhere",
      },
      { id: "MK-V8", asks: "a downgrade by one undoes the last migration" },
    ],
  },
  {
    system: "Circles of Care (PK)",
    criteria: [
      {
        id: "PK-AC1",
        asks: "a Supabase project can be created",
        instead: "`npm start` needs none; `supabase link` takes any",
      },
      {
        id: "PK-AC2",
        asks: "the project is named, near and free",
        instead: "`project_id` in supabase/config.toml; the rest is the adopter's choice",
      },
      {
        id: "PK-AC3",
        asks: "keys are where they belong, the secret one on servers only",
        instead: ".env.example says which key belongs where",
      },
      {
        id: "PK-AC4",
        asks: "Alembic is initialised",
        instead: "supabase/migrations, in the format of the Supabase CLI",
      },
      {
        id: "PK-AC5a",
        asks: "users",
        deviation:
          "`email` may be null, because anonymous accounts and accounts by phone have none; its unique constraint takes the " +
          "place of `idx_users_email`",
      },
      {
        id: "PK-AC5b",
        asks: "thoughts",
        deviation: `ids are \`bigint generated always as identity\` instead of serial, so clients can't choose them. ${indexNames}; ${keys}`,
      },
      {
        id: "PK-AC5c",
        asks: "circles",
        deviation:
          "`unique (user_id, id)` takes the place of `idx_circles_user_id`; it also is the target of foreign keys",
      },
      { id: "PK-AC5d", asks: "intentions" },
      { id: "PK-AC5e", asks: "intention_cares, whose pairs are unique" },
      { id: "PK-AC5f", asks: "stories" },
      { id: "PK-AC6", asks: "the migration applies without an error" },
      { id: "PK-AC7", asks: "tables are visible with all columns, indexes and foreign keys" },
      { id: "PK-T1", asks: "select 1; a user can be inserted, selected and deleted" },
      { id: "PK-T2", asks: "upgrade and downgrade create and drop everything" },
      { id: "PK-T3", asks: "files with secrets are not in git" },
      {
        id: "PK-T4",
        asks: "the iOS project builds with real values",
        instead: "there is no iOS project; examples/circles-of-care is an app that runs against the backend",
      },
      {
        id: "PK-T5",
        asks: "the README says where credentials are, and the limits",
        instead: "README.md (keys, production) and .env.example; limits are those of the adopter's plan",
      },
      {
        id: "PK-T6",
        asks: "Alembic and SQLAlchemy can be imported",
        instead: "the Supabase CLI is a dependency of the project",
      },
      {
        id: "PK-C1",
        asks: "models exist and are exported",
        instead: "`Tables` and `Database`, generated, exported by `supabase-groundwork`",
      },
      {
        id: "PK-C2",
        asks: "rows can be inserted by the SQL Editor",
        instead: "psql and the Supabase CLI on the wire port: test/local/wire.test.ts, test/local/supabase-cli.test.ts",
      },
      {
        id: "PK-C3",
        asks: "the migration tool has the right host and all models",
        instead: "`--remote` names the host; migrations are plain SQL",
      },
      { id: "PK-B1", asks: "deleting a user removes thoughts and circles" },
      { id: "PK-B2", asks: "deleting a circle keeps its thoughts" },
    ],
  },
  {
    system: "Companion Delight (DL)",
    criteria: [
      { id: "DL-AC1", asks: "Alembic's file layout", instead: "supabase/migrations and supabase/rollbacks" },
      {
        id: "DL-AC2",
        asks: "users and user_preferences",
        deviation:
          "`clerk_user_id` may be null, because accounts of Supabase Auth have none; `email` may be null, because some accounts " +
          "have none; `theme` and the jsonb columns have checks",
      },
      { id: "DL-AC3", asks: "pgvector is installed" },
      {
        id: "DL-AC4",
        asks: "SQLAlchemy models with their relation",
        instead: "generated types with `Relationships`; DL-AC6 reads a user together with the preferences",
      },
      { id: "DL-AC5", asks: "upgrade, downgrade and upgrade again leave a consistent state" },
      { id: "DL-AC6", asks: "a user is created, found by clerk_user_id, given preferences, and read by a join" },
      { id: "DL-T1", asks: "preferences are deleted with their user" },
      {
        id: "DL-T2",
        asks: "the server starts, health and docs respond",
        instead:
          "test/local/cli.test.ts starts the backend, DL-T3 asks its health; the API's docs are docs/reference/schema.md",
      },
      { id: "DL-T3", asks: "the health check tells the state of the database" },
      { id: "DL-T4", asks: "the configuration checks, linters run", instead: "`npm run check`, in .ci/run" },
      { id: "DL-T5", asks: "second preferences, and a second clerk_user_id, are refused" },
      {
        id: "DL-T6",
        asks: "sessions do not leak connections",
        instead:
          "there is no session object; test/local/wire.test.ts shows that a client that leaves gives everything back",
      },
      { id: "DL-T7", asks: "the README documents set-up and migrations", instead: "README.md and CONTRIBUTING.md" },
    ],
  },
  {
    system: "Persona API (PA)",
    criteria: [
      { id: "PA-1", asks: "with URL and key the client is connected, otherwise not" },
      { id: "PA-2", asks: "the columns of personas", deviation: "`user_id`, `title`, `source` and the job are added" },
      { id: "PA-3", asks: "both indexes; updated_at moves by itself", deviation: indexNames },
      {
        id: "PA-4",
        asks: "running the migration again raises no error",
        deviation:
          "migrations are recorded, and `supabase db push` and `npm start` do not run a recorded one again. The SQL by itself is " +
          "not made to run twice: the second run raises 42P07 and changes nothing, because `if not exists` would hide a " +
          "table that has the name but not the columns",
      },
      { id: "PA-5", asks: "create, read, partial update" },
      { id: "PA-6", asks: "delete" },
      { id: "PA-7", asks: "pages with the total" },
      { id: "PA-8", asks: "a database fault and bad input are told apart" },
      { id: "PA-9", asks: "a client that is reset is a new one" },
      { id: "PA-10", asks: ".env is not in git, .env.example is" },
    ],
  },
  {
    system: "Multi-user to-do list (TD)",
    criteria: [
      { id: "TD-1.3", asks: "the database tells its version" },
      {
        id: "TD-2",
        asks: ".env has the pooled URL, and git ignores it",
        instead: ".env.example says which URL goes where; PA-10 shows that git ignores .env",
      },
      {
        id: "TD-3.1",
        asks: "the dependencies can be imported",
        instead: "`npm install`; test/package/package.test.ts installs the package in an empty project and runs it",
      },
      { id: "TD-4.1", asks: "Alembic's file layout", instead: "supabase/migrations and supabase/rollbacks" },
      { id: "TD-4.3", asks: "before migrating there is a connection and no revision" },
      {
        id: "TD-5",
        asks: "the models can be imported",
        instead: "`Tables` and `Database`, generated, exported by `supabase-groundwork`; test/types uses them",
      },
      { id: "TD-6.1", asks: "the migration makes users, tasks and the index on tasks.user_id", deviation: indexNames },
      { id: "TD-6.3", asks: "the migration makes the trigger and its function, and the downgrade drops them" },
      { id: "TD-6.4", asks: "after the upgrade the revision is the latest, and psql lists tasks and users" },
      {
        id: "TD-7.1",
        asks: "the columns of users and tasks",
        deviation:
          "user ids are uuids instead of text, because they are those of Supabase Auth; an account of another issuer keeps its " +
          "subject in `clerk_user_id`. Timestamps have a time zone. `email` may be null. The key of tasks is named " +
          "`tasks_user_id_fkey`, and deletes on cascade, which the document expects but does not write",
      },
      { id: "TD-7.2", asks: "ids count up and are never used again" },
      { id: "TD-7.3", asks: "deleting a user deletes the tasks" },
      { id: "TD-7.4", asks: "created_at stays, updated_at moves" },
      { id: "TD-7.5", asks: "test users are gone after the clean-up" },
      { id: "TD-8.3", asks: "a user and a task can be created" },
      { id: "TD-9.1", asks: "a downgrade removes tables, indexes and triggers" },
      { id: "TD-9.2", asks: "an upgrade restores them" },
      {
        id: "TD-S",
        asks: "the summary: tables, index, trigger, ids, cascade, updated_at, reversible",
        instead: "each of its points is a criterion above: TD-6.1, TD-6.3, TD-7.1 to TD-7.4, TD-9.1 and TD-9.2",
      },
    ],
  },
];
