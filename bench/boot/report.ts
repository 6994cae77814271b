/** Returns the milliseconds since the parent started this process. Both processes read the same system clock. */
export function sinceSpawn(): number {
  return performance.timeOrigin + performance.now() - Number(process.env.SPAWNED_AT);
}

/** Returns the highest memory use of this process, in MB. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Sends the measurements of a child process to its parent. */
export function report(measurements: Record<string, number>): void {
  process.stdout.write(JSON.stringify(measurements));
}
