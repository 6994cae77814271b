-- Embeddings, schedule: pg_cron starts the Edge Function that embeds texts.
-- Needs: helpers, schedule, embeddings_tables, embeddings_claim.

-- Calls the Edge Function embed if a text waits and no worker runs, and returns the result of call_edge_function().
-- Returns null if it does not call it.
--
-- Security definer: its callers may not read the queue.
create function groundwork.start_embedding_worker(at timestamptz default now())
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not groundwork.has_embedding_work(at) then
        return null;
    end if;
    -- One worker is enough, because it claims texts until none is left. Workers that move texts to another model have
    -- other names, and do not count, because they do not claim the texts of other models.
    if exists (
        select
        from groundwork.embedding_queue
        where lease_token is not null and due_at > at and worker_id like 'embed/%'
    ) then
        return null;
    end if;
    return groundwork.call_edge_function('embed');
end
$$;

create function groundwork.schedule_embedding_worker()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform groundwork.schedule('groundwork_embed', '10 seconds', 'select groundwork.start_embedding_worker()');
end
$$;

select groundwork.schedule_embedding_worker();

-- Grants of functions -------------------------------------------------------------------------------------------------

revoke all on function
    groundwork.start_embedding_worker, groundwork.schedule_embedding_worker
from public, anon, authenticated, service_role;
