-- Undoes 20261121140000_organizing.sql.

-- Agent types that jobs refer to stay, so that the jobs and their costs can stay. The others go, with what an operator
-- has set for them.
delete from groundwork.agent_types
where name = 'thought_organizer'
    and not exists (select from public.agent_jobs where agent_jobs.agent_type = agent_types.name);

drop trigger apply_thought_organizer on public.agent_jobs;
drop function groundwork.apply_thought_organizer;
drop function groundwork.place_thoughts;
drop function public.get_thoughts_to_organize(uuid, uuid);
drop function groundwork.get_thoughts_to_organize;
drop function groundwork.unknown_novelty;
drop function groundwork.organizing_state;
drop function groundwork.store_circle_centres;
drop function groundwork.circle_centres;
drop table groundwork.organizing_fingerprints;
drop trigger reset_novelty_score on public.thoughts;
drop function groundwork.reset_novelty_score;
drop trigger set_placed_by_moved on public.thoughts;
drop trigger set_placed_by_inserted on public.thoughts;
drop function groundwork.set_placed_by;
alter table public.thoughts drop column placed_by;
drop type public.arranger;
