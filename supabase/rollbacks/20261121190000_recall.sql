-- Undoes 20261121190000_recall.sql.

drop trigger apply_memory_keeper on public.agent_jobs;

drop function public.get_memories_to_consolidate(uuid, uuid);
drop function public.forget_all();
drop function public.restore_memory(uuid);
drop function public.supersede_memory(uuid, uuid, timestamptz);
drop function public.remember(text, text, timestamptz, double precision);
drop function groundwork.apply_memory_keeper();
drop function groundwork.merge_memories(uuid, uuid, uuid);
drop function groundwork.end_memory(uuid, uuid, uuid);
drop function groundwork.get_memories_to_consolidate(uuid, uuid);
drop function groundwork.restore_memory(uuid);
drop function groundwork.supersede_memory(uuid, uuid, timestamptz);
drop function groundwork.remember(text, text, timestamptz, double precision, timestamptz);
drop function groundwork.leads_to(uuid, uuid, uuid);
drop function groundwork.lock_memories(uuid);
drop index public.idx_personal_memories_user_id_key;
drop function groundwork.memory_key(text);

drop table groundwork.consolidated_memories;

delete from groundwork.error_codes where code in ('GW501', 'GW502', 'GW503', 'GW504');
