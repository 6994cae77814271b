/**
 * Returns a signal that aborts at the first SIGINT (Ctrl-C), SIGTERM or SIGHUP.
 *
 * @param onSecond called at the second of these signals. By default, the process ends at once with exit code 1
 */
export function stopOnSignal(onSecond: () => void = () => process.exit(1)): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => (stop.signal.aborted ? onSecond() : stop.abort()));
  }
  return stop.signal;
}
