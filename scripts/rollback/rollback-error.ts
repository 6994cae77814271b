export type RollbackErrorCode =
  | "bad_options"
  | "cannot_connect"
  | "nothing_to_undo"
  | "no_such_version"
  | "no_rollback_file"
  | "needs_yes"
  | "unannounced_loss"
  | "rollback_failed";

/** The rollback was refused or has failed, and nothing was changed. The error has the reason and the remedy. */
export class RollbackError extends Error {
  override readonly name = "RollbackError";
  readonly code: RollbackErrorCode;
  readonly remedy: string;

  constructor(code: RollbackErrorCode, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}
