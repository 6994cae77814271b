import { type Ratio, drawRatios } from "../chart.ts";
import { toMarkdownTable } from "../markdown-table.ts";
import type { Result } from "./measures.ts";
import { ways } from "./ways.ts";

/** A measured value, and its target if it has one. */
export interface Finding {
  name: string;
  ratio: number;
  atMost?: number;
  atLeast?: number;
  stretch?: number;
}

/** Returns the values of one mixture of vectors for which there are targets. */
export function findingsOf(mixture: string, results: Result[]): Finding[] {
  const find = (way: string, rows: number) => {
    const found = results.find((result) => result.way === way && result.rows === rows);
    if (!found) throw new Error(`${way} was not measured at ${rows} rows.`);
    return found;
  };
  const sizes = [...new Set(results.map(({ rows }) => rows))];
  const exact = ways.exact!.name;
  const api = ways.api!.name;
  const plain = results.some(({ way }) => way === ways.plain!.name) ? ways.plain!.name : undefined;
  const minOf = (property: "recall" | "returned") => Math.min(...sizes.map((rows) => find(api, rows)[property]));
  const maxRows = Math.max(...sizes);
  const small = sizes.filter((rows) => rows <= 300);
  const sum = (way: string, rowsOf: number[]) => rowsOf.reduce((total, rows) => total + find(way, rows).p50, 0);
  return [
    {
      name: `recall@10, ${mixture}`,
      ratio: minOf("recall"),
      atLeast: mixture === "isotropic" ? 0.97 : 0.99,
      stretch: 0.995,
    },
    { name: `rows returned of 10, ${mixture}`, ratio: minOf("returned") / 10, atLeast: 1 },
    {
      name: `p95 at ${maxRows.toLocaleString("en")} rows : exact, ${mixture}`,
      ratio: find(api, maxRows).p95 / find(exact, maxRows).p95,
      // It is shown without a target: if all vectors are almost equally near, many more of them have to be compared.
      ...(mixture === "isotropic" ? {} : { atMost: 0.12, stretch: 0.06 }),
    },
    {
      name: `p50 at <= 300 rows : exact, ${mixture}`,
      ratio: sum(api, small) / sum(exact, small),
      atMost: 1,
      stretch: 0.6,
    },
    ...(plain === undefined
      ? []
      : [{ name: "RLS and RPC : plain SQL", ratio: sum(api, sizes) / sum(plain, sizes), atMost: 1.25, stretch: 1.1 }]),
  ];
}

export function resultsTable(results: Result[]): string {
  return toMarkdownTable(
    ["way", "rows of the user", "recall@10", "rows of 10", "p50 ms", "p95 ms"],
    results.map(({ way, rows, recall, returned, p50, p95 }) => [
      way,
      rows.toLocaleString("en"),
      recall.toFixed(3),
      returned.toFixed(1),
      p50.toFixed(2),
      p95.toFixed(2),
    ]),
    [1, 2, 3, 4, 5],
  );
}

export function findingsTable(findings: Finding[]): string {
  return toMarkdownTable(
    ["measured", "ratio", "target (stretch)", ""],
    findings.map((finding) => [
      finding.name,
      finding.ratio.toFixed(3),
      targetOf(finding),
      limitOf(finding) === undefined ? "" : isMet(finding) ? "met" : "missed",
    ]),
    [1],
  );
}

export function drawChart(findings: Finding[]): Promise<string> {
  return drawRatios(
    findings.flatMap((finding): Ratio[] => {
      const target = limitOf(finding);
      return target === undefined ? [] : [{ name: finding.name, ratio: finding.ratio, target, isMet: isMet(finding) }];
    }),
  );
}

function limitOf({ atMost, atLeast }: Finding): number | undefined {
  return atLeast ?? atMost;
}

function targetOf(finding: Finding): string {
  const limit = limitOf(finding);
  if (limit === undefined) return "";
  const stretch = finding.stretch === undefined ? "" : ` (${finding.stretch})`;
  return `${finding.atLeast === undefined ? "<=" : ">="} ${limit}${stretch}`;
}

/** Compares the value with its target. Recall is rounded as it is printed. */
function isMet({ ratio, atMost, atLeast }: Finding): boolean {
  return atLeast === undefined ? ratio <= atMost! : Number(ratio.toFixed(3)) >= atLeast;
}
