-- Undoes 20261121050000_personas.sql.

drop function public.update_persona(uuid, jsonb);
drop table public.personas;

delete from groundwork.error_codes where code in ('GW401', 'GW402');
