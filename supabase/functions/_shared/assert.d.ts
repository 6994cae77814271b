// deno-std comes from npm without types; these are those of the assertions that the tests use.
export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
