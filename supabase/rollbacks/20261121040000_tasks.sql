-- Undoes 20261121040000_tasks.sql.

drop table public.tasks;
