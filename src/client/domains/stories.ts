import { type Creating, type Reading, type Removing, creating, reading, removing } from "../http/repository.ts";
import type { RequestSettings } from "../http/request.ts";
import type { Client, Filter, New, Row } from "../types.ts";

/** What was done, once. */
export type Story = Row<"stories">;
/** What a story is made of. What has a default may be left out. */
export type NewStory = New<"stories", "story_text" | "completed_at">;
/** Columns by which a story is found. */
export type StoryFilter = Filter<"stories", "intention_id">;

/** What you did. `intentions.complete` writes one; one without an intention is created here. A story is never changed. */
export interface StoriesDomain extends Reading<Story, StoryFilter>, Creating<Story, NewStory>, Removing<Story> {}

/** The domain `gw.stories` alone, on a client that is there already. */
export function stories(supabase: Client, settings?: RequestSettings): StoriesDomain {
  const backend = { supabase, settings };
  return {
    ...reading<Story, StoryFilter>(backend, "stories"),
    ...creating<Story, NewStory>(backend, "stories"),
    ...removing<Story>(backend, "stories"),
  };
}
