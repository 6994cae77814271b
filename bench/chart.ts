import { type TopLevelSpec, compile } from "vega-lite";
import { View, parse } from "vega";

export interface Ratio {
  name: string;
  ratio: number;
  target: number;
  isMet: boolean;
}

/** Draws an SVG with one bar for each measure: its ratio to the baseline, with the target as a tick. */
export async function drawRatios(ratios: Ratio[]): Promise<string> {
  const values = ratios.map(({ name, ratio, target, isMet }) => ({
    name,
    ratio,
    target,
    met: isMet ? "met" : "missed",
  }));
  const specification: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    width: 520,
    height: { step: 22 },
    // The widths of texts are only estimated here, so a limit would cut labels that fit.
    config: { axis: { labelLimit: 0 } },
    data: { values },
    encoding: { y: { field: "name", type: "nominal", sort: null, title: null } },
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
