/** The backend can't start: what is wrong, and what to do about it. `npm start` prints both and exits with 1. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
