/** What the line of the host's standard output begins with that says it listens. Other lines are what functions print. */
export const reportMark = "groundwork functions host: ";

/** The rest of that line, as JSON. */
export interface HostReport {
  port: number;
  /** Functions that could not be imported, with the reason. */
  broken: { name: string; reason: string }[];
}
