import { type MakeOperations, read } from "../operation.ts";

export default (async () => [
  read("search.health", (user) => user.search.health()),
  read("search", async (user) => (await user.search("pear")).hits),
]) satisfies MakeOperations;
