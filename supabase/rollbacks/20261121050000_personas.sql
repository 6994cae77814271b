-- Undoes 20261121050000_personas.sql.

drop table public.personas;
