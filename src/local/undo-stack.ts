/**
 * What to undo when a start fails, and when the backend closes: the latest step first. It is what AsyncDisposableStack does,
 * which Node 22 does not have.
 */
export class UndoStack {
  readonly #steps: (() => unknown)[] = [];

  defer(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Takes all steps, also after one of them has failed. Throws the first error then. */
  async undo(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
