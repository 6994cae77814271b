import postgres from "postgres";

/**
 * Connections to the database of the queues.
 *
 * @param url `postgresql://user:password@host:port/database`
 * @param max how many at most
 */
export function openConnection(url: string, max: number): postgres.Sql {
  return postgres(url, {
    max,
    connect_timeout: 10,
    onnotice: () => {},
    // The driver asks for types while it connects. A server that goes away just then would end the process:
    // https://github.com/porsager/postgres/issues/1223.
    fetch_types: false,
  });
}
