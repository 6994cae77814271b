import { callRpc } from "../http/call-rpc.ts";
import { type Creating, type Reading, creating, from, reading, rowsIn, runQuery } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { MonthlySpending } from "../../schemas/monthly-spending.ts";
import type { Client, Filter, New, Row } from "../types.ts";

/** A ledger entry, in US dollars. */
export type BudgetEntry = Row<"budget_entries">;
/** The fields of a new entry, which records what was spent on ads. The backend books the costs of agents. */
export type NewBudgetEntry = New<"budget_entries", "resource_type" | "cost" | "description" | "campaign_id"> & {
  resource_type: "ad_spend";
};
/** Columns by which entries of the ledger can be filtered. */
export type BudgetEntryFilter = Filter<"budget_entries", "campaign_id" | "agent_job_id" | "resource_type">;
/** The limits that the operator has set for you. A limit that is null is the general limit. */
export type SpendLimits = Row<"user_spend_limits">;

/**
 * Your ledger. You enter what you spent on ads. An entry is never changed or removed: a correction is another entry,
 * with a negative cost.
 */
export interface BudgetDomain extends Reading<BudgetEntry, BudgetEntryFilter>, Creating<BudgetEntry, NewBudgetEntry> {
  /** Returns what your agents and embeddings have cost this month (UTC). The costs of ads are not included. */
  month(options?: RequestOptions): Promise<MonthlySpending>;
  /** Returns your own limits, or null if the general limits hold for you. */
  limits(options?: RequestOptions): Promise<SpendLimits | null>;
}

/** The domain `gw.budget` alone, on an existing client. */
export function budget(supabase: Client, settings?: RequestSettings): BudgetDomain {
  const backend = { supabase, settings };
  return {
    ...reading<BudgetEntry, BudgetEntryFilter>(backend, "budget_entries"),
    ...creating<BudgetEntry, NewBudgetEntry>(backend, "budget_entries"),
    month: (options) => callRpc(backend, "repeatable", "monthly_spending", {}, options),
    async limits(options) {
      const select = () => from(backend, "user_spend_limits").select().limit(1);
      return rowsIn<SpendLimits>(await runQuery(backend, "repeatable", select, options))[0] ?? null;
    },
  };
}
