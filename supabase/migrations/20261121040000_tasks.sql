-- Tasks: a user's to-do list.
-- Needs: helpers, identity.

-- tasks ---------------------------------------------------------------------------------------------------------------

create table public.tasks (
    id bigint generated always as identity constraint tasks_pkey primary key,
    user_id uuid not null default groundwork.current_user_id()
        constraint tasks_user_id_fkey references public.users (id) on delete cascade,
    title varchar(200) not null,
    description text,
    completed boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint tasks_title_check check (title ~ '\S')
);

comment on table public.tasks is 'Entries of the users'' to-do lists.';
comment on column public.tasks.id is 'A number that counts up. The id of a deleted task is never used again.';
comment on column public.tasks.title is '1 to 200 characters.';

create index idx_tasks_user_id_created_at on public.tasks (user_id, created_at desc);
-- Open tasks are read most often, and only few of a user's tasks are open.
create index idx_tasks_user_id_open on public.tasks (user_id, created_at desc) where not completed;

create trigger set_updated_at
before update on public.tasks
for each row
when (old is distinct from new)
execute function groundwork.set_updated_at();

alter table public.tasks enable row level security;

create policy "users can read their own tasks"
on public.tasks
for select
to authenticated
using (user_id = (select groundwork.current_user_id()));

create policy "users can write down tasks of their own"
on public.tasks
for insert
to authenticated
with check (user_id = (select groundwork.current_user_id()));

create policy "users can update their own tasks"
on public.tasks
for update
to authenticated
using (user_id = (select groundwork.current_user_id()))
with check (user_id = (select groundwork.current_user_id()));

create policy "users can delete their own tasks"
on public.tasks
for delete
to authenticated
using (user_id = (select groundwork.current_user_id()));

revoke all on table public.tasks from public, anon, authenticated, service_role;
grant select, delete on table public.tasks to authenticated;
grant
    insert (user_id, title, description, completed),
    update (title, description, completed)
on table public.tasks to authenticated;
grant select, insert, update, delete on table public.tasks to service_role;
revoke all on sequence public.tasks_id_seq from public, anon, authenticated, service_role;
