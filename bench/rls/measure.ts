import { median } from "../boot/statistics.ts";
import type { Comparison } from "./comparisons.ts";

/** Medians over the repetitions. */
export interface Measurement {
  baselineMs: number;
  measuredMs: number;
  ratio: number;
}

/** Measures all comparisons in every repetition. One more repetition at the start warms up, and is not counted. */
export async function measure(
  comparisons: Comparison[],
  users: string[],
  repetitions: number,
  onRepetition: (repetition: number) => void,
): Promise<[Comparison, Measurement][]> {
  const samples = comparisons.map((comparison) => ({ comparison, results: [] as Measurement[] }));
  for (let repetition = 0; repetition <= repetitions; repetition += 1) {
    if (repetition > 0) onRepetition(repetition);
    for (const { comparison, results } of samples) {
      const result = await compare(comparison, users, repetition);
      if (repetition > 0) results.push(result);
    }
  }
  return samples.map(({ comparison, results }) => [
    comparison,
    {
      baselineMs: median(results.map(({ baselineMs }) => baselineMs)),
      measuredMs: median(results.map(({ measuredMs }) => measuredMs)),
      ratio: median(results.map(({ ratio }) => ratio)),
    },
  ]);
}

/** Runs both sides for each user. Which side comes first changes with every user and every repetition. */
async function compare(comparison: Comparison, users: string[], repetition: number): Promise<Measurement> {
  const baseline: number[] = [];
  const measured: number[] = [];
  for (const [index, user] of users.entries()) {
    const measuredFirst = (repetition + index) % 2 === 1;
    if (measuredFirst) measured.push(await comparison.measured(user));
    baseline.push(await comparison.baseline(user));
    if (!measuredFirst) measured.push(await comparison.measured(user));
  }
  const [baselineMs, measuredMs] = [median(baseline), median(measured)];
  return { baselineMs, measuredMs, ratio: measuredMs / baselineMs };
}
