// deno-std has no types, and what Deno infers from its JavaScript makes the message a must. With JSR this file goes.

/** Throws unless both are equal, deeply. */
export function assertEquals<Value>(actual: Value, expected: Value, message?: string): void;
