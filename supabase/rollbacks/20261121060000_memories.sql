-- Undoes 20261121060000_memories.sql.

drop function public.forget_all();
drop function public.restore_memory(uuid);
drop function groundwork.restore_memory;
drop function public.supersede_memory(uuid, uuid, timestamptz);
drop function groundwork.supersede_memory;
drop function public.remember(text, text, timestamptz, double precision);
drop function groundwork.remember;
drop function groundwork.is_superseded_by;
drop function groundwork.lock_memories;
drop table public.personal_memories;
drop function groundwork.memory_key;

delete from groundwork.error_codes where code in ('GW501', 'GW502', 'GW503', 'GW504');
