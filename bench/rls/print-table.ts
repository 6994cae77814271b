import type { Comparison } from "./comparisons.ts";
import type { Measurement } from "./measure.ts";

export function printTable(results: [Comparison, Measurement][]): void {
  const milliseconds = (value: number) => `${value.toFixed(3)} ms`;
  const rows = results.map(([{ name, target, stretch }, { baselineMs, measuredMs, ratio }]) => [
    name,
    milliseconds(baselineMs),
    milliseconds(measuredMs),
    ratio.toFixed(2),
    target === undefined ? "-" : `<= ${target.toFixed(2)}`,
    target === undefined ? "" : ratio > target ? "missed" : stretch && ratio <= stretch ? "met, stretch too" : "met",
  ]);
  const table = [["measured / baseline", "baseline", "measured", "ratio", "target", ""], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : column === 5 ? cell : cell.padStart(widths[column]!),
    );
    console.log(cells.join("  ").trimEnd());
  }
}
