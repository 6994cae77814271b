-- Undoes 20261121190000_recall.sql.

drop trigger apply_memory_keeper on public.agent_jobs;

drop function public.get_memories_to_consolidate(uuid, uuid);
drop function public.forget_all();
drop function public.restore_memory(uuid);
drop function public.supersede_memory(uuid, uuid, timestamptz);
drop function public.remember(text, text, timestamptz, double precision);
drop function private.apply_memory_keeper();
drop function private.merge_memories(uuid, uuid, uuid);
drop function private.end_memory(uuid, uuid, uuid);
drop function private.get_memories_to_consolidate(uuid, uuid);
drop function private.restore_memory(uuid);
drop function private.supersede_memory(uuid, uuid, timestamptz);
drop function private.remember(text, text, timestamptz, double precision, timestamptz);
drop function private.leads_to(uuid, uuid, uuid);
drop function private.lock_memories(uuid);
drop index public.idx_personal_memories_user_id_key;
drop function private.memory_key(text);

drop table private.consolidated_memories;

delete from private.error_codes where code in ('GW501', 'GW502', 'GW503', 'GW504');
