/**
 * Returns the milliseconds of processor time that this process has used. Unlike the clock, other processes do not
 * affect it.
 */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
