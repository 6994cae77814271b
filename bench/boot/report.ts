/** Milliseconds since the parent spawned this process. The parent's clock and ours are the same system clock. */
export function sinceSpawn(): number {
  return performance.timeOrigin + performance.now() - Number(process.env.SPAWNED_AT);
}

/** The most memory this process has held, in MB. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Hands the measurements of a child to the parent. */
export function report(measurements: Record<string, number>): void {
  process.stdout.write(JSON.stringify(measurements));
}
