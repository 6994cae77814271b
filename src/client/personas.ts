import { type Repository, repository } from "./repository.ts";
import type { RequestSettings } from "./request.ts";
import type { Changes, Client, Filter, New, Row } from "./types.ts";

/** A description of somebody, with the text that it was made from. */
export type Persona = Row<"personas">;
export type NewPersona = New<"personas", "title" | "raw_text" | "persona" | "source">;
export type PersonaChanges = Changes<"personas", "title" | "raw_text" | "persona" | "source">;
export type PersonaFilter = Filter<"personas", "title" | "source">;

/** Structured descriptions of people. */
export interface PersonasDomain extends Repository<Persona, NewPersona, PersonaChanges, PersonaFilter> {}

export function personas(supabase: Client, settings?: RequestSettings): PersonasDomain {
  return repository<Persona, NewPersona, PersonaChanges, PersonaFilter>(supabase, "personas", settings);
}
