/** The first line of the host's standard output. */
export interface HostReport {
  port: number;
  /** Functions that could not be imported, with the reason. */
  broken: { name: string; reason: string }[];
}
