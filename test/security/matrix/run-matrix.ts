import type { LocalBackend } from "#groundwork/local";
import { type Actor, type User, makeUser, makeUserWithRows, makeStrangers, ownerActor } from "./actors.ts";
import { describeRequest, send } from "./api.ts";
import { type Attack, type Targets, attacksOn, crossingAttacks } from "./attacks.ts";
import { forgedTokens } from "./forged-tokens.ts";
import { type Cell, type Leak, leaksInAnswer } from "./leaks.ts";
import { checkOwner } from "./owner-rights.ts";
import { callsOf } from "./routine-attacks.ts";
import { type ExposedRelation, type Shape, fullName, readShape } from "./shape.ts";
import { attackWithEveryGrant, pointAsDatabaseOwner } from "./sql-attacks.ts";
import { type RowWatcher, createRowWatcher } from "./row-watcher.ts";

export interface MatrixResult {
  cells: Cell[];
  leaks: Leak[];
  shape: Shape;
}

export interface MatrixOptions {
  /** Names of the tables and views to attack. Default: all, with the functions and hidden tables. */
  only?: readonly string[];
  /** If true, stops at the first leak. Default false. */
  isHasty?: boolean;
}

/**
 * Attacks every table, view and function that the API exposes, as every actor, in every way.
 *
 * @throws Error if a table has no file in test/security/tables, because a table that is not attacked is not proved safe
 */
export async function runMatrix(backend: LocalBackend, options: MatrixOptions = {}): Promise<MatrixResult> {
  const shape = await readShape(backend.database);
  const relations = shape.exposed.filter(({ name }) => options.only?.includes(name) ?? true);
  const world = await populate(backend, shape);
  const run = new Run(backend, shape, world);
  const parts = [
    ...relations.flatMap((relation) => [
      () => run.askForOwnRows(relation),
      () => run.attackThroughApi(relation),
      () => run.attackWithEveryGrant(relation),
    ]),
    ...(options.only ? [] : [() => run.attackHidden(), () => run.attackRoutines()]),
  ];
  for (const part of parts) {
    await part();
    if (options.isHasty && run.leaks.length > 0) break;
  }
  return { cells: run.cells, leaks: run.leaks, shape };
}

interface World {
  targets: Targets;
  strangers: Actor[];
  owner: Actor;
  /** A stranger with rows, which the owner could try to reach. */
  rival: User;
}

async function populate(backend: LocalBackend, shape: Shape): Promise<World> {
  const victim = await makeUserWithRows(backend, shape, "vic");
  const bystander = await makeUser(backend, shape, "bys");
  const strangers = await makeStrangers(backend, shape, { withRows: true });
  const rival = strangers.find(({ user }) => user)!.user!;
  return { targets: { victim, bystander }, strangers, owner: await ownerActor(backend, victim), rival };
}

class Run {
  readonly cells: Cell[] = [];
  readonly leaks: Leak[] = [];
  readonly #backend: LocalBackend;
  readonly #shape: Shape;
  readonly #world: World;

  constructor(backend: LocalBackend, shape: Shape, world: World) {
    this.#backend = backend;
    this.#shape = shape;
    this.#world = world;
  }

  /** Checks the rights of the owner and of the service role. */
  async askForOwnRows(relation: ExposedRelation): Promise<void> {
    const { targets, owner } = this.#world;
    for (const { command, way, faults } of await checkOwner(this.#backend, this.#shape, relation, targets.victim)) {
      this.#record({ relation: relation.name, actor: owner.name, command, way }, faults);
    }
    await this.#readAsService(relation);
  }

  async attackThroughApi(relation: ExposedRelation): Promise<void> {
    const { targets, strangers, owner, rival } = this.#world;
    // The attacks are made before the watcher looks, because the rows that they need do not count as changes.
    const attacks = new Map<Actor, Attack[]>();
    for (const actor of strangers) attacks.set(actor, await attacksOn(this.#shape, relation, actor, targets));
    if (relation.kind === "table") attacks.set(owner, await crossingAttacks(relation, owner, rival));

    const watcher = await createRowWatcher(this.#backend, this.#shape);
    for (const [actor, theirs] of attacks) {
      for (const attack of theirs) await this.#attack(watcher, relation.name, actor, attack);
    }
    await this.#sendForged(watcher, relation);
  }

  async attackWithEveryGrant(relation: ExposedRelation): Promise<void> {
    const { targets, rival } = this.#world;
    if (relation.kind === "table") {
      for (const cell of await pointAsDatabaseOwner(this.#backend, relation, rival, targets.victim)) {
        const { command, way, leaks } = cell;
        this.#record({ relation: relation.name, actor: "the owner of the database", command, way }, leaks);
      }
    }
    for (const actor of this.#world.strangers) {
      const found = await attackWithEveryGrant(this.#backend, this.#shape, relation, actor, targets);
      for (const { command, way, leaks } of found) {
        this.#record({ relation: relation.name, actor: actor.name, command, way }, leaks);
      }
    }
  }

  /** Asks for tables and functions of schemas that the API does not expose, by name. */
  async attackHidden(): Promise<void> {
    const exposed = new Set(this.#shape.exposed.map(fullName));
    const hidden = this.#shape.tables.filter((table) => !exposed.has(fullName(table)));
    const watcher = await createRowWatcher(this.#backend, this.#shape);
    for (const actor of this.#world.strangers) {
      for (const { schema, name } of hidden) {
        const headers = { "accept-profile": schema, "content-profile": schema };
        const requests = [
          { command: "select", way: "hidden schema", request: { method: "GET", path: `${name}?select=*`, headers } },
          { command: "delete", way: "hidden schema", request: { method: "DELETE", path: name, headers } },
        ] satisfies Attack[];
        for (const attack of requests) await this.#attack(watcher, `${schema}.${name}`, actor, attack, "refused");
      }
      for (const { schema, name } of this.#shape.hiddenRoutines) {
        const headers = { "content-profile": schema };
        const request = { method: "POST", path: `rpc/${name}`, body: {}, headers } as const;
        const attack: Attack = { command: "select", way: "hidden function", request };
        await this.#attack(watcher, `${schema}.${name}()`, actor, attack, "refused");
      }
    }
  }

  async attackRoutines(): Promise<void> {
    for (const routine of this.#shape.routines) {
      // A function may delete the account of its caller, so each function is called by new users.
      const callers = await makeStrangers(this.#backend, this.#shape, { withRows: false });
      const calls = await callsOf(this.#shape, routine, this.#world.targets);
      const watcher = await createRowWatcher(this.#backend, this.#shape);
      for (const actor of callers) {
        for (const request of calls) {
          await this.#attack(watcher, `${routine.name}()`, actor, { command: "select", way: "function", request });
        }
      }
    }
  }

  async #attack(
    watcher: RowWatcher,
    relation: string,
    actor: Actor,
    { command, way, request }: Attack,
    expected?: "refused",
  ): Promise<void> {
    const { victim, bystander } = this.#world.targets;
    const others = actor === this.#world.owner ? [this.#world.rival] : [victim, bystander];
    const answer = await send(this.#backend, actor.token, request);
    const leaks = leaksInAnswer(others, request, answer);
    const isOwnAccount = actor.isAccount && request.path.startsWith("users?select=");
    if ((answer.count ?? 0) > (isOwnAccount ? 1 : 0) && !actor.user)
      leaks.push(`${answer.count} rows are counted (${describeRequest(request)})`);
    if (expected === "refused" && answer.status < 400) leaks.push(`it was answered ${answer.status}`);
    leaks.push(...(await this.#changes(watcher, actor)).map((rows) => `changed ${rows} (${describeRequest(request)})`));
    this.#record({ relation, actor: actor.name, command, way }, leaks);
  }

  async #changes(watcher: RowWatcher, { isAccount, userId, claims }: Actor): Promise<string[]> {
    const changed = await watcher.changes(isAccount ? userId : undefined);
    if (changed.length === 0 || isAccount || !claims) return changed;
    // The user of a Clerk token may have created an account meanwhile.
    const [own] = await this.#backend.database.query<{ id: string }>(
      "select id from public.users where clerk_user_id = $1",
      [claims["sub"]],
    );
    return own ? changed.filter((key) => !key.endsWith(` of ${own.id}`)) : changed;
  }

  async #sendForged(watcher: RowWatcher, { name }: ExposedRelation): Promise<void> {
    const { victim } = this.#world.targets;
    for (const [forgery, token] of Object.entries(await forgedTokens(this.#backend, victim))) {
      for (const [command, method] of [
        ["select", "GET"],
        ["delete", "DELETE"],
      ] as const) {
        const request = { method, path: name };
        const answer = await send(this.#backend, token, request);
        const leaks = await watcher.changes(undefined);
        if (answer.status !== 401) leaks.push(`it was answered ${answer.status} instead of 401`);
        if (answer.body.includes(victim.marker)) leaks.push("it was answered with their rows");
        this.#record({ relation: name, actor: `a token ${forgery}`, command, way: "forged token" }, leaks);
      }
    }
  }

  /** Checks that the service role sees all users' rows. */
  async #readAsService(relation: ExposedRelation): Promise<void> {
    const { secretKey, database } = this.#backend;
    const path = `${relation.name}?select=*&limit=1`;
    const headers = { apikey: secretKey, prefer: "count=exact" };
    const { status, count } = await send(this.#backend, undefined, { method: "GET", path, headers });
    const [all] = await database.query<{ count: number }>(
      `select count(*)::integer as count from ${fullName(relation)}`,
    );
    const leaks = count === all!.count && count > 1 ? [] : [`${status}: ${count} of ${all!.count} rows`];
    this.#record({ relation: relation.name, actor: "the service role", command: "select", way: "everything" }, leaks);
  }

  #record(cell: Cell, leaks: string[]): void {
    this.cells.push(cell);
    this.leaks.push(...leaks.map((what) => ({ ...cell, what })));
  }
}
