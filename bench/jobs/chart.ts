import { type TopLevelSpec, compile } from "vega-lite";
import { View, parse } from "vega";
import type { Result } from "./report.ts";

/** An SVG with one bar a measure: its ratio to the baseline, and the target as a tick. */
export async function drawChart(results: Result[]): Promise<string> {
  const values = results.map(({ name, ratio, target, met }) => ({ name, ratio, target, met: met ? "met" : "missed" }));
  const specification: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    width: 520,
    height: { step: 22 },
    data: { values },
    encoding: { y: { field: "name", type: "nominal", sort: null, title: null, axis: { labelLimit: 320 } } },
    layer: [
      {
        mark: { type: "bar", height: 14 },
        encoding: {
          x: { field: "ratio", type: "quantitative", title: "ratio to the baseline of the same run" },
          color: {
            field: "met",
            type: "nominal",
            scale: { domain: ["met", "missed"], range: ["#3ecf8e", "#d9a441"] },
            title: "target",
          },
        },
      },
      {
        mark: { type: "tick", thickness: 2, size: 18, color: "black" },
        encoding: { x: { field: "target", type: "quantitative" } },
      },
    ],
  };
  return new View(parse(compile(specification).spec), { renderer: "none" }).toSVG();
}
