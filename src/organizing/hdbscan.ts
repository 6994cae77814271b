/** A part of the hierarchy in which points stay together until a distance is too small for it. */
interface Node {
  points: number[];
  children: Node[];
}

/**
 * Clusters by density, with noise: HDBSCAN* (Campello, Moulavi and Sander: Density-Based Clustering Based on Hierarchical
 * Density Estimates, 2013). Takes the leaves of the condensed tree, the finest clusters that are large enough, because
 * subjects of one user are of different density, and a few large clusters would swallow the others.
 *
 * @param distances a square matrix, row by row
 * @param minClusterSize how many points make a cluster
 * @param minSamples the distance to its k-th neighbour is how thinly a point lies
 * @returns the points of each cluster, in order; what is in none of them is noise
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
    // The first is the point itself.
    return row[Math.min(minSamples, size - 1)]!;
  });
}

interface Edge {
  from: number;
  to: number;
  weight: number;
}

/** Prim's algorithm over mutual reachability: no pair is nearer than the thinner of its two points lies. */
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

/** Single linkage: what the edges join, from the shortest to the longest. Edges of one length join at once. */
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

/** Leaves out of the tree what is too small to be a cluster: points that fall off one by one are no split. */
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

/** The root alone is no cluster: everything together says nothing. */
function leavesOf({ children }: Node): Node[] {
  return children.flatMap((child) => (child.children.length === 0 ? [child] : leavesOf(child)));
}
