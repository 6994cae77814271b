import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** Something to do. */
export type Task = Row<"tasks">;
/** What a task is made of. What has a default may be left out. */
export type NewTask = New<"tasks", "title" | "description" | "completed">;
/** What may be changed of a task. */
export type TaskChanges = Changes<"tasks", "title" | "description" | "completed">;
/** Columns by which a task is found. */
export type TaskFilter = Filter<"tasks", "completed">;

/** A list of things to do. */
export interface TasksDomain extends Repository<Task, NewTask, TaskChanges, TaskFilter> {
  /** @example await gw.tasks.complete(task.id); */
  complete(id: number, options?: RequestOptions): Promise<Task>;
  reopen(id: number, options?: RequestOptions): Promise<Task>;
}

/** The domain `gw.tasks` alone, on a client that is there already. */
export function tasks(supabase: Client, settings?: RequestSettings): TasksDomain {
  const backend = { supabase, settings };
  const rows = repository<Task, NewTask, TaskChanges, TaskFilter>(backend, "tasks");
  return {
    ...rows,
    complete: (id, options) => rows.update(id, { completed: true }, options),
    reopen: (id, options) => rows.update(id, { completed: false }, options),
  };
}
