/** The backend cannot start. The error has the reason and the remedy. `npm start` prints both and exits with 1. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
