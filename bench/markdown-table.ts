/**
 * Makes a Markdown table in the format of prettier.
 *
 * @param numeric the indexes of the columns that are right-aligned
 */
export function toMarkdownTable(head: string[], body: string[][], numeric: number[]): string {
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const isNumeric = (column: number) => numeric.includes(column);
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => (isNumeric(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join(" | ")} |`;
  const rule = widths.map((width, column) => (isNumeric(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(head), `| ${rule.join(" | ")} |`, ...body.map(line)].join("\n");
}
