import { GroundworkError } from "./http/groundwork-error.ts";

/** Loads a part of this library that not everybody needs: `await load(import("./part.ts"))`. */
export const load = <Part>(part: Promise<Part>): Promise<Part> =>
  part.catch((cause) => {
    throw new GroundworkError("unavailable", String(cause), { cause });
  });
