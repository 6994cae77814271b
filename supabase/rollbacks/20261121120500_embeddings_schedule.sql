-- Undoes 20261121120500_embeddings_schedule.sql.

select groundwork.unschedule('groundwork\_embed');
drop function groundwork.schedule_embedding_worker;
drop function groundwork.start_embedding_worker;
