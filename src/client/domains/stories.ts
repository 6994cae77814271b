import { type Creating, type Reading, type Removing, creating, reading, removing } from "../http/repository.ts";
import type { RequestSettings } from "../http/request.ts";
import type { Client, Filter, New, Row } from "../types.ts";

/** The text that tells how an intention was completed, or what else was done. */
export type Story = Row<"stories">;
/** The fields of a new story. Fields with a default are optional. */
export type NewStory = New<"stories", "story_text" | "completed_at">;
/** Columns by which stories can be filtered. */
export type StoryFilter = Filter<"stories", "intention_id">;

/**
 * Your stories. `intentions.complete` writes the story of an intention; `create` writes one without an intention. A
 * story is never changed.
 */
export interface StoriesDomain extends Reading<Story, StoryFilter>, Creating<Story, NewStory>, Removing<Story> {}

/** The domain `gw.stories` alone, on an existing client. */
export function stories(supabase: Client, settings?: RequestSettings): StoriesDomain {
  const backend = { supabase, settings };
  return {
    ...reading<Story, StoryFilter>(backend, "stories"),
    ...creating<Story, NewStory>(backend, "stories"),
    ...removing<Story>(backend, "stories"),
  };
}
