/** Milliseconds of processor time that this process has used, which other processes do not change as they do the clock. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
