import { createClient } from "#groundwork";
import { expect, test } from "vitest";
import { lazyMethods } from "../../src/client/lazy-methods.ts";

const backend = { supabase: createClient("http://127.0.0.1:1", "key"), settings: undefined };
const methods = () => ({ double: async (n: number) => 2 * n, unused: async () => {} });

test("code that cannot be loaded is an error of code unavailable, and a later call loads it", async () => {
  let isOnline = false;
  const part = async () => {
    if (!isOnline) throw new TypeError("Failed to fetch dynamically imported module");
    return { methods };
  };
  const domain = lazyMethods(backend, part, ["double"]);

  await expect(domain.double(2)).rejects.toMatchObject({
    name: "GroundworkError",
    code: "unavailable",
    message: expect.stringContaining("Failed to fetch dynamically imported module"),
  });
  isOnline = true;
  expect(await domain.double(2)).toBe(4);
});

test("nothing is loaded before a method is called", async () => {
  let loads = 0;
  const part = async () => {
    loads += 1;
    return { methods };
  };
  const domain = lazyMethods(backend, part, ["double"]);

  expect(Object.keys(domain)).toEqual(["double"]);
  expect(loads).toBe(0);
  await domain.double(2);
  expect(loads).toBe(1);
});
