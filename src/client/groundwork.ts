import type { SupabaseClientOptions } from "@supabase/supabase-js";
import { createClient } from "./create-client.ts";
import { type AccountDomain, account } from "./domains/account.ts";
import { type BudgetDomain, budget } from "./domains/budget.ts";
import { type CampaignsDomain, campaigns } from "./domains/campaigns.ts";
import { type CirclesDomain, circles } from "./domains/circles.ts";
import { type ContentAssetsDomain, contentAssets } from "./domains/content-assets.ts";
import { type IntentionsDomain, intentions } from "./domains/intentions.ts";
import { type JobsDomain, jobs } from "./domains/jobs.ts";
import { type MemoriesDomain, memories } from "./domains/memories.ts";
import { type PersonasDomain, personas } from "./domains/personas.ts";
import { type PreferencesDomain, preferences } from "./domains/preferences.ts";
import type { RequestSettings } from "./http/request.ts";
import { notingRetryAfter } from "./http/note-retry-after.ts";
import { type TextSearch, textSearch } from "./domains/text-search.ts";
import { type StoriesDomain, stories } from "./domains/stories.ts";
import { type TasksDomain, tasks } from "./domains/tasks.ts";
import { type ThoughtsDomain, thoughts } from "./domains/thoughts.ts";
import type { Client } from "./types.ts";

/** Groundwork, domain by domain. For anything else, use `supabase`. */
export interface Groundwork {
  /** The plain supabase-js client underneath: `auth`, `from`, `rpc`, `channel`, `storage`. */
  supabase: Client;
  account: AccountDomain;
  preferences: PreferencesDomain;
  thoughts: ThoughtsDomain;
  circles: CirclesDomain;
  intentions: IntentionsDomain;
  stories: StoriesDomain;
  memories: MemoriesDomain;
  personas: PersonasDomain;
  tasks: TasksDomain;
  campaigns: CampaignsDomain;
  content: ContentAssetsDomain;
  jobs: JobsDomain;
  budget: BudgetDomain;
  search: TextSearch;
}

/** The options of supabase-js, and how requests are made. */
export interface GroundworkOptions extends SupabaseClientOptions<"public"> {
  requests?: RequestSettings;
}

/**
 * Makes a client of a Groundwork backend.
 *
 * @param url URL of the project, such as `http://127.0.0.1:54321`
 * @param key the publishable key. On a server it can be the secret key, to use `supabase` and to read. The domains
 *   write only for a signed-in user
 * @example
 * const gw = createGroundwork("http://127.0.0.1:54321", publishableKey);
 * await gw.supabase.auth.signInWithPassword({ email, password });
 * await gw.thoughts.capture("Plant a pear tree", { tags: ["garden"] });
 */
export function createGroundwork(
  url: string,
  key: string,
  { requests, ...options }: GroundworkOptions = {},
): Groundwork {
  const fetch = notingRetryAfter(options.global?.fetch ?? ((...args) => globalThis.fetch(...args)));
  return groundwork(createClient(url, key, { ...options, global: { ...options.global, fetch } }), requests);
}

/**
 * Adds the domains to an existing client, such as one of `@supabase/ssr`. A single domain is made in the same way:
 * `import { thoughts } from "supabase-groundwork"; thoughts(supabase)`. A bundler then includes only that domain.
 *
 * Only a client of `createGroundwork` follows `Retry-After`. Here, retries use their own backoff.
 *
 * @example const gw = groundwork(createClient(url, key), { timeoutMs: 10_000 });
 */
export function groundwork(supabase: Client, settings?: RequestSettings): Groundwork {
  return {
    supabase,
    account: account(supabase, settings),
    preferences: preferences(supabase, settings),
    thoughts: thoughts(supabase, settings),
    circles: circles(supabase, settings),
    intentions: intentions(supabase, settings),
    stories: stories(supabase, settings),
    memories: memories(supabase, settings),
    personas: personas(supabase, settings),
    tasks: tasks(supabase, settings),
    campaigns: campaigns(supabase, settings),
    content: contentAssets(supabase, settings),
    jobs: jobs(supabase, settings),
    budget: budget(supabase, settings),
    search: textSearch(supabase, settings),
  };
}
