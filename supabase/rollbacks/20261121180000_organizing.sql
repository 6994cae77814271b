-- Undoes 20261121180000_organizing.sql. Circles that were made and thoughts that were placed stay so.

drop trigger apply_thought_organizer on public.agent_jobs;
drop trigger forget_novelty on public.thoughts;
drop trigger note_who_placed_moved on public.thoughts;
drop trigger note_who_placed_inserted on public.thoughts;

drop function public.discover(integer);
drop function groundwork.discover(jsonb, timestamptz);
drop function public.refresh_vibe_profile();
drop function groundwork.refresh_vibe_profile(timestamptz);
drop function groundwork.vibe_of(uuid, text, timestamptz);
drop function groundwork.cares(uuid, timestamptz);
drop function groundwork.apply_thought_organizer();
drop function groundwork.place_thoughts(uuid, text, bigint, bigint[]);
drop function public.get_thoughts_to_organize(uuid, uuid);
drop function groundwork.get_thoughts_to_organize(uuid, uuid);
drop function groundwork.unknown_novelty(uuid, text, integer);
drop function groundwork.organizing_state(uuid, text);
drop function groundwork.store_circle_centres(uuid, text);
drop function groundwork.circle_centres(uuid, text);
drop function groundwork.forget_novelty();
drop function groundwork.note_who_placed();

drop table groundwork.organizing_fingerprints;

alter table public.thoughts drop column placed_by;

drop type public.arranger;
