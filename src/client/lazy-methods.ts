import { GroundworkError } from "./http/groundwork-error.ts";
import type { Backend } from "./http/request.ts";

/** Methods whose code is loaded when one of them is called for the first time. */
export function lazyMethods<Part extends Record<Name, (...args: never[]) => Promise<unknown>>, Name extends string>(
  backend: Backend,
  part: () => Promise<{ methods: (backend: Backend) => Part }>,
  names: readonly Name[],
): Pick<Part, Name> {
  const call =
    (name: Name) =>
    async (...args: never[]) =>
      (await load(part())).methods(backend)[name](...args);
  return Object.fromEntries(names.map((name) => [name, call(name)])) as Pick<Part, Name>;
}

/** Loads a part of this library that only some apps need: `await load(import("./part.ts"))`. */
export const load = <Part>(part: Promise<Part>): Promise<Part> =>
  part.catch((cause) => {
    throw new GroundworkError("unavailable", String(cause), { cause });
  });
