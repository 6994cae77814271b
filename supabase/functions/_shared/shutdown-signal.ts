const controller = new AbortController();
addEventListener("beforeunload", () => controller.abort());

/** Aborts when the platform is about to end this process: whatever is claimed or runs is given back. */
export const shutdownSignal = controller.signal;
