import { callRpc } from "../http/call-rpc.ts";
import { type Creating, type Reading, creating, from, reading, rowsIn, runQuery } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { MonthlySpending } from "../../schemas/monthly-spending.ts";
import type { Client, Filter, New, Row } from "../types.ts";

/** Something that was paid for, in US dollars. */
export type BudgetEntry = Row<"budget_entries">;
/** What an entry of yours is made of: what was spent on ads. Agents' costs are booked by the backend. */
export type NewBudgetEntry = New<"budget_entries", "resource_type" | "cost" | "description" | "campaign_id"> & {
  resource_type: "ad_spend";
};
/** Columns by which an entry of the ledger is found. */
export type BudgetEntryFilter = Filter<"budget_entries", "campaign_id" | "agent_job_id" | "resource_type">;
/** What the operator limits you to; null where the general limit holds. */
export type SpendLimits = Row<"user_spend_limits">;

/**
 * Your ledger. You enter what you spent on ads; an entry is never changed or removed: a correction is another one, with a
 * negative cost.
 */
export interface BudgetDomain extends Reading<BudgetEntry, BudgetEntryFilter>, Creating<BudgetEntry, NewBudgetEntry> {
  /** What your agents and vectors have cost this month, in UTC; without ads. */
  month(options?: RequestOptions): Promise<MonthlySpending>;
  /** Limits of your own; null if you have none. */
  limits(options?: RequestOptions): Promise<SpendLimits | null>;
}

/** The domain `gw.budget` alone, on a client that is there already. */
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
