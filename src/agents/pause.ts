/** Waits so long; after the signal, half a second at most. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, signal.aborted ? Math.min(milliseconds, 500) : milliseconds);
  const end = () => resolve();
  if (!signal.aborted) signal.addEventListener("abort", end);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", end);
}
