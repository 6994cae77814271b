import { median } from "../boot/statistics.ts";
import { toMarkdownTable } from "../markdown-table.ts";
import type { Measure } from "./measures.ts";

export interface Result {
  name: string;
  baselineName: string;
  unit: Measure["unit"];
  measured: number;
  baseline: number;
  /** The median of the ratios of all repetitions. */
  ratio: number;
  target: number;
  targetText: string;
  met: boolean;
}

export function summarize(
  { name, baseline, unit, target, stretch }: Measure,
  runs: { measured: number; baseline: number }[],
): Result {
  const ratio = median(runs.map((run) => run.measured / run.baseline));
  const [sign, limit] = "atLeast" in target ? [">=", target.atLeast] : ["<=", target.atMost];
  return {
    name,
    baselineName: baseline,
    unit,
    measured: median(runs.map((run) => run.measured)),
    baseline: median(runs.map((run) => run.baseline)),
    ratio,
    target: limit,
    targetText: `${sign} ${limit.toFixed(2)}${stretch === undefined ? "" : ` (${stretch.toFixed(2)})`}`,
    met: sign === ">=" ? ratio >= limit : ratio <= limit,
  };
}

/** Makes a Markdown table in the form of docs/operate/benchmarks.md. */
export function toMarkdown(results: Result[]): string {
  const number = (value: number, unit: Measure["unit"]) =>
    unit === "ms" ? `${value.toFixed(2)} ms` : `${Math.round(value).toLocaleString("en")}/s`;
  return toMarkdownTable(
    ["measured", "against", "measured", "baseline", "ratio", "target (stretch)", ""],
    results.map((result) => [
      result.name,
      result.baselineName,
      number(result.measured, result.unit),
      number(result.baseline, result.unit),
      result.ratio.toFixed(2),
      result.targetText,
      result.met ? "met" : "missed",
    ]),
    [2, 3, 4],
  );
}
