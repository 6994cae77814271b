import { diffusionDistances } from "./diffusion.ts";
import { densityClusters } from "./hdbscan.ts";
import { centreOf, Group, isNear } from "./centre.ts";
import { centred } from "./vectors.ts";

/** How many thoughts make a circle. */
const minClusterSize = 5;
/** How thinly a thought lies is how far its nearest is. */
const minSamples = 1;
/** How often thoughts may go over to a cluster whose middle is nearer. */
const rounds = 2;

/**
 * Finds groups of vectors that belong together.
 *
 * Dense regions of the graph of neighbours are the kernels of the groups; then each vector goes to the group whose middle
 * is nearest, and those that are farther from it than its members usually are stay alone.
 *
 * @param vectors at unit length, in an order that depends on nothing but themselves
 * @returns the members of each group, by index, those nearest to its middle first; the largest group first
 */
export function cluster(vectors: Float32Array[]): number[][] {
  const own = centred(vectors);
  let groups = densityClusters(diffusionDistances(own), minClusterSize, minSamples);
  for (let round = 0; round < rounds; round += 1) groups = regroup(own, groups);
  return groups
    .map((members) => withoutStrangers(own, members))
    .filter((members) => members.length >= minClusterSize)
    .toSorted((one, other) => other.length - one.length || one[0]! - other[0]!);
}

function regroup(vectors: Float32Array[], groups: number[][]): number[][] {
  const middles = groups.map((members) => new Group(members.map((member) => vectors[member]!)));
  const home = new Map(groups.flatMap((members, group) => members.map((member) => [member, group] as const)));
  const regrouped = groups.map((): number[] => []);
  for (const [at, vector] of vectors.entries()) {
    const similarities = middles.map((middle, group) => middle.similarity(vector, home.get(at) === group));
    regrouped[similarities.indexOf(Math.max(...similarities))]?.push(at);
  }
  return regrouped.filter((members) => members.length > 1);
}

/** Those that are near, the nearest first. */
function withoutStrangers(vectors: Float32Array[], members: number[]): number[] {
  const of = members.map((member) => vectors[member]!);
  const group = new Group(of);
  const centre = centreOf(of);
  return members
    .map((member) => ({ member, similarity: group.similarity(vectors[member]!, true) }))
    .filter(({ similarity }) => isNear(similarity, centre))
    .toSorted((one, other) => other.similarity - one.similarity || one.member - other.member)
    .map(({ member }) => member);
}
