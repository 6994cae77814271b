/**
 * The rows that postgres.js gives. After a query that failed while its rows were under way, the driver puts those of the
 * next one behind as many holes: https://github.com/porsager/postgres/issues/1119.
 */
export function rowsOf<Row>(result: readonly Row[]): Row[] {
  return result.filter((row) => row !== undefined);
}
