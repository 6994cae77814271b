/**
 * Returns the rows of a result of postgres.js, without holes. After a query that failed in the middle of its rows, the
 * driver puts as many holes before the rows of the next query: https://github.com/porsager/postgres/issues/1119.
 */
export function rowsOf<Row>(result: readonly Row[]): Row[] {
  return result.filter((row) => row !== undefined);
}
