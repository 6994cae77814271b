import postgres from "postgres";

/**
 * Opens connections to the database of the queues.
 *
 * @param url `postgresql://user:password@host:port/database`
 * @param max the most connections
 */
export function openConnection(url: string, max: number): postgres.Sql {
  return postgres(url, {
    max,
    connect_timeout: 10,
    onnotice: () => {},
    // If the driver asks for types while it connects, and the server goes away at that moment, the process ends:
    // https://github.com/porsager/postgres/issues/1223.
    fetch_types: false,
  });
}
