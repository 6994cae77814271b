/**
 * The steps to undo when a start fails, and when the backend closes. The latest step is undone first. Node 22 has no
 * AsyncDisposableStack, which does the same.
 */
export class UndoStack {
  readonly #steps: (() => unknown)[] = [];

  defer(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Undoes all steps, even if one of them fails. Throws the first error at the end. */
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
