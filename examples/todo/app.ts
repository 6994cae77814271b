/** A to-do list of many users: ids are never used again, times keep themselves, and a user takes their tasks along. */
import { createClient } from "supabase-groundwork";
import { signUp } from "../sign-up.ts";

const gw = await signUp("Sam", "Asia/Tokyo");

const [one, two, three] = await gw.tasks.createMany(["Task 1", "Task 2", "Task 3"].map((title) => ({ title })));
await gw.tasks.remove(two!.id);
const four = await gw.tasks.create({ title: "Task 4", description: "After one was deleted" });
console.log(`The new id is none that was there: ${four.id > three!.id}.`);

console.log(`At first, updated_at is created_at: ${one!.updated_at === one!.created_at}.`);
const done = await gw.tasks.complete(one!.id);
console.log(`Completed: ${done.completed}, and updated_at has moved: ${done.updated_at > done.created_at}.`);

const failed = await gw.tasks.update(two!.id, { title: "Gone" }).catch((error) => error);
console.log(`What is not there is never silently updated: ${failed.code}.`);

const open: string[] = [];
for await (const task of gw.tasks.all({ completed: false })) open.push(task.title);
console.log(`Open, the newest first: ${open.join(", ")}.`);

const other = await signUp("Kim", "Asia/Seoul");
console.log(`Kim sees ${await other.tasks.count()} tasks, Sam ${await gw.tasks.count()}.`);

// With the secret key, which stays on servers: whoever goes takes everything of theirs along. (Their login is Auth's:
// docs/guides/client.md, "Deleting an account".)
const secretKey = process.env.SUPABASE_SECRET_KEY ?? "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz";
const admin = createClient(process.env.SUPABASE_URL ?? "http://127.0.0.1:54321", secretKey);
const { id } = await gw.account.get();
const { error } = await admin.from("users").delete().eq("id", id);
const { count } = await admin.from("tasks").select("*", { count: "exact" }).eq("user_id", id).limit(0);
console.log(error ? "Set SUPABASE_SECRET_KEY to see the cascade." : `After Sam left, ${count} tasks of theirs.`);
