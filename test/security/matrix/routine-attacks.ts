import { z } from "zod";
import type { Targets } from "./attacks.ts";
import type { ApiRequest } from "./api.ts";
import type { Row } from "../table-under-test.ts";
import { sampleVector, searchWord } from "./row-maker.ts";
import type { Routine, Shape } from "./shape.ts";

/**
 * Returns calls of one function that try to reach the victim's rows. Arguments that could name a row name one of the
 * victim's rows. A text is the word that all the victim's texts contain, and a vector is the one that all the victim's
 * vectors equal.
 */
export async function callsOf(shape: Shape, routine: Routine, { victim }: Targets): Promise<ApiRequest[]> {
  const rows = await Promise.all(
    shape.exposed
      .filter(({ kind }) => kind === "table")
      .map(async ({ name, keys }) => ({ name, key: keys[0]!, row: await victim.rows.row(name) })),
  );
  const candidates = routine.arguments.map(({ name, type, labels }) =>
    valuesFor(name, type, labels, victim.userId, rows),
  );
  const calls = Math.max(1, ...candidates.map(({ length }) => length));
  return Array.from({ length: calls }, (_, call) => ({
    method: "POST",
    path: `rpc/${routine.name}`,
    body: Object.fromEntries(
      routine.arguments.map(({ name }, position) => {
        const values = candidates[position]!;
        return [name, values[call % values.length]];
      }),
    ),
  }));
}

interface KeyedRow {
  name: string;
  key: string[];
  row: Row;
}

function valuesFor(name: string, type: string, labels: string[] | null, victimId: string, rows: KeyedRow[]): unknown[] {
  if (labels) return labels;
  if (type.endsWith("[]")) return [valuesFor(name.replace(/s$/, ""), type.slice(0, -2), null, victimId, rows)];
  if (/^(uuid|bigint|integer)$/.test(type) && name.endsWith("id")) {
    // An argument `job_id` stands for a row of agent_jobs.
    const named = rows.filter((each) => `_${each.name.replace(/s$/, "")}_id`.endsWith(`_${name}`));
    const ids = (named.length > 0 ? named : rows)
      .map(({ key, row }) => row[key.at(-1)!])
      .filter((id) => (type === "uuid" ? z.uuid().safeParse(id).success : typeof id === "number"));
    return [...new Set(type === "uuid" ? [...ids, victimId] : ids)];
  }
  if (/^(smallint|integer|bigint|numeric|real|double precision)$/.test(type)) return [1, 1000];
  if (type === "uuid") return [victimId];
  if (type === "boolean") return [true, false];
  if (type === "jsonb" || type === "json") return [{}];
  if (/^(timestamp|date)/.test(type)) return ["2026-01-01"];
  if (type === "interval") return ["1 hour"];
  if (/vec(tor)?$/.test(type)) return [sampleVector(1536)];
  return [searchWord];
}
