-- Undoes 20261121090000_schedule.sql.

select groundwork.unschedule('groundwork\_%');
drop function groundwork.unschedule;
drop function groundwork.schedule;
drop function groundwork.call_edge_function;
