/** A node of the hierarchy: points that stay together until the distance becomes too small for the node. */
interface Node {
  points: number[];
  children: Node[];
}

/**
 * Finds clusters by density, with noise: HDBSCAN* (Campello, Moulavi and Sander: Density-Based Clustering Based on
 * Hierarchical Density Estimates, 2013). It takes the leaves of the condensed tree, which are the smallest clusters
 * that are large enough. The subjects of one user differ in density, and with other methods a few large clusters would
 * absorb the others.
 *
 * @param distances a square matrix, row by row
 * @param minClusterSize the fewest points of a cluster
 * @param minSamples the density at a point is measured by the distance to its k-th neighbour; this is k
 * @returns the points of each cluster, in order; points in no cluster are noise
 */
export function densityClusters(distances: Float32Array, minClusterSize: number, minSamples: number): number[][] {
  const size = Math.round(Math.sqrt(distances.length));
  if (size < 2 * minClusterSize) return [];
  const edges = spanningTree(distances, size, coreDistances(distances, size, minSamples));
  const root = condense(hierarchyOf(edges, size), minClusterSize);
  return leavesOf(root)
    .map(({ points }) => points.toSorted((one, other) => one - other))
    .toSorted((one, other) => one[0]! - other[0]!);
}

function coreDistances(distances: Float32Array, size: number, minSamples: number): Float32Array {
  return Float32Array.from({ length: size }, (_, point) => {
    const row = distances.subarray(point * size, (point + 1) * size).toSorted();
    // The first element is the distance of the point to itself.
    return row[Math.min(minSamples, size - 1)]!;
  });
}

interface Edge {
  from: number;
  to: number;
  weight: number;
}

/**
 * Prim's algorithm over mutual reachability distance: the distance of a pair is at least the core distance of each of
 * its points.
 */
function spanningTree(distances: Float32Array, size: number, core: Float32Array): Edge[] {
  const best = new Float32Array(size).fill(Infinity);
  const from = new Int32Array(size);
  const isIn = new Uint8Array(size);
  const edges: Edge[] = [];
  for (let point = 0, count = 0; count < size; count += 1) {
    isIn[point] = 1;
    let next = -1;
    for (let other = 0; other < size; other += 1) {
      if (isIn[other]) continue;
      const weight = Math.max(distances[point * size + other]!, core[point]!, core[other]!);
      if (weight < best[other]!) {
        best[other] = weight;
        from[other] = point;
      }
      if (next < 0 || best[other]! < best[next]!) next = other;
    }
    if (next >= 0) edges.push({ from: from[next]!, to: next, weight: best[next]! });
    point = next;
  }
  return edges.toSorted((one, other) => one.weight - other.weight || one.to - other.to);
}

/** Single linkage: joins points along the edges, the shortest first. Edges of the same length join at once. */
function hierarchyOf(edges: Edge[], size: number): Node {
  const group = Int32Array.from({ length: size }, (_, point) => point);
  const find = (point: number): number => {
    while (group[point] !== point) {
      group[point] = group[group[point]!]!;
      point = group[point]!;
    }
    return point;
  };
  const nodes = Array.from({ length: size }, (_, point): Node => ({ points: [point], children: [] }));
  const weights = new Float32Array(size).fill(-1);
  for (const { from, to, weight } of edges) {
    const [one, other] = [find(from), find(to)];
    const parts = [one, other].flatMap((root) => (weights[root] === weight ? nodes[root]!.children : [nodes[root]!]));
    group[other] = one;
    weights[one] = weight;
    nodes[one] = { points: [...nodes[one]!.points, ...nodes[other]!.points], children: parts };
  }
  return nodes[find(0)]!;
}

/** Removes nodes that are too small to be a cluster. Points that leave a node one by one do not split it. */
function condense(root: Node, minClusterSize: number): Node {
  let node = root;
  for (;;) {
    const large = node.children.filter(({ points }) => points.length >= minClusterSize);
    if (large.length === 0) return { points: root.points, children: [] };
    if (large.length > 1) {
      return { points: root.points, children: large.map((child) => condense(child, minClusterSize)) };
    }
    node = large[0]!;
  }
}

/** The root alone is not a cluster, because it contains everything. */
function leavesOf({ children }: Node): Node[] {
  return children.flatMap((child) => (child.children.length === 0 ? [child] : leavesOf(child)));
}
