import { type Repository, repository } from "../http/repository.ts";
import type { RequestOptions, RequestSettings } from "../http/request.ts";
import type { Changes, Client, Filter, New, Row } from "../types.ts";

/** An entry of a to-do list. */
export type Task = Row<"tasks">;
/** The fields of a new task. Fields with a default are optional. */
export type NewTask = New<"tasks", "title" | "description" | "completed">;
/** The fields of a task that can be changed. */
export type TaskChanges = Changes<"tasks", "title" | "description" | "completed">;
/** Columns by which tasks can be filtered. */
export type TaskFilter = Filter<"tasks", "completed">;

/** A to-do list. */
export interface TasksDomain extends Repository<Task, NewTask, TaskChanges, TaskFilter> {
  /** @example await gw.tasks.complete(task.id); */
  complete(id: number, options?: RequestOptions): Promise<Task>;
  reopen(id: number, options?: RequestOptions): Promise<Task>;
}

/** The domain `gw.tasks` alone, on an existing client. */
export function tasks(supabase: Client, settings?: RequestSettings): TasksDomain {
  const backend = { supabase, settings };
  const rows = repository<Task, NewTask, TaskChanges, TaskFilter>(backend, "tasks");
  return {
    ...rows,
    complete: (id, options) => rows.update(id, { completed: true }, options),
    reopen: (id, options) => rows.update(id, { completed: false }, options),
  };
}
