-- Undoes 20261121180000_organizing.sql. Circles that were made and thoughts that were placed stay so.

drop trigger apply_thought_organizer on public.agent_jobs;
drop trigger forget_novelty on public.thoughts;
drop trigger note_who_placed_moved on public.thoughts;
drop trigger note_who_placed_inserted on public.thoughts;

drop function public.discover(integer);
drop function private.discover(jsonb, timestamptz);
drop function public.refresh_vibe_profile();
drop function private.refresh_vibe_profile(timestamptz);
drop function private.vibe_of(uuid, text, timestamptz);
drop function private.cares(uuid, timestamptz);
drop function private.apply_thought_organizer();
drop function private.place_thoughts(uuid, text, bigint, bigint[]);
drop function public.get_thoughts_to_organize(uuid, uuid);
drop function private.get_thoughts_to_organize(uuid, uuid);
drop function private.unknown_novelty(uuid, text, integer);
drop function private.organizing_state(uuid, text);
drop function private.store_circle_centres(uuid, text);
drop function private.circle_centres(uuid, text);
drop function private.forget_novelty();
drop function private.note_who_placed();

drop table private.organizing_fingerprints;

alter table public.thoughts drop column placed_by;

drop type public.arranger;
