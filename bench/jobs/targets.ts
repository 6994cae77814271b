/** The targets of the issue, as ratios: jobs per second to those of the baseline. */
export const targets = {
  bestBatch: 1.3,
  batchOfOne: 1,
  enqueueOne: (clients: number) => (clients === 16 ? 0.65 : 0.8),
  bulkEnqueue: 2.5,
};
