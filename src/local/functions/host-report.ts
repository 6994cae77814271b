/**
 * The start of the line on standard output with which the host says that it listens. Other lines are output of
 * functions.
 */
export const reportMark = "groundwork functions host: ";

/** The rest of that line, as JSON. */
export interface HostReport {
  port: number;
  /** The functions that could not be imported, with the reason. */
  broken: { name: string; reason: string }[];
}
