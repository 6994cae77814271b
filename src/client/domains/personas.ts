import type { Json } from "../../database.types.ts";
import { callRpc } from "../http/call-rpc.ts";
import type { JobInput, JobOutput } from "./jobs.ts";
import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import { load } from "../lazy-methods.ts";
import type { AgentTerms, FinishedJob } from "./run-agent.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** A structured description of a person, with the text that it was made from. */
export type Persona = Row<"personas">;
/** The fields of a new persona. Fields with a default are optional. */
export type NewPersona = New<"personas", "title" | "raw_text" | "persona" | "source">;
/** The fields of a persona that can be changed. */
export type PersonaChanges = Changes<"personas", "title" | "raw_text" | "persona" | "source">;
/** Columns by which personas can be filtered. */
export type PersonaFilter = Filter<"personas", "title" | "source">;

/** The new persona, and the job that made it. */
export type GeneratedPersona = Omit<JobOutput<"persona_writer">, "persona" | "prompt_version" | "model_used"> & {
  persona: Persona;
  job: FinishedJob;
};

/** Structured descriptions of people. */
export interface PersonasDomain extends Repository<Persona, NewPersona, PersonaChanges, PersonaFilter> {
  /**
   * Has an agent make a persona from a text of up to 1,000,000 characters, and waits for it. With `replaces`, the new
   * persona replaces that one, which is kept.
   *
   * @throws GroundworkError `validation` for an input that is not valid, `not_found` for a persona to replace that is
   *   not yours, `limit_exceeded` when the job waits because a limit is reached, `timeout` when it takes longer than a
   *   minute: the job continues, `details` has its id
   * @example const { persona } = await gw.personas.generate({ raw_text, title: "Grandmother" });
   */
  generate(request: JobInput<"persona_writer"> & AgentTerms, options?: RequestOptions): Promise<GeneratedPersona>;
  /**
   * Sets the given fields of the description, removes those that are null, and leaves the others as they are. Fields
   * that somebody else changes at the same time are not lost.
   *
   * @throws GroundworkError `not_found` (GW401)
   * @example await gw.personas.merge(id, { occupation: "luthier", traits: null });
   */
  merge(
    id: string,
    changes: { [Field in keyof Persona["persona"]]?: Persona["persona"][Field] | null },
    options?: RequestOptions,
  ): Promise<Persona>;
}

/** The domain `gw.personas` alone, on an existing client. */
export function personas(supabase: Client, settings?: RequestSettings): PersonasDomain {
  const backend = { supabase, settings };
  return {
    ...repository<Persona, NewPersona, PersonaChanges, PersonaFilter>(backend, "personas"),
    async generate(request, options) {
      const { runAgent } = await load(import("./run-agent.ts"));
      return runAgent(backend, "generate-persona", request, options);
    },
    merge: (persona_id, changes, options) =>
      callRpc(backend, "once", "update_persona", { persona_id, changes: changes as Json }, options),
  };
}
