import { diffusionDistances } from "./diffusion.ts";
import { densityClusters } from "./hdbscan.ts";
import { centreOf, Group, isNear } from "./centre.ts";
import { centred } from "./vectors.ts";

/** The fewest thoughts of a circle. */
const minClusterSize = 5;
/** The density at a thought is measured by the distance to its nearest neighbour. */
const minSamples = 1;
/** How often thoughts may move to a cluster whose centroid is nearer. */
const rounds = 2;

/**
 * Finds groups of similar vectors.
 *
 * The groups start as dense regions in the graph of neighbours. Then each vector joins the group with the nearest
 * centroid. A vector that is farther from it than most members stays alone.
 *
 * @param vectors at unit length, in an order that depends only on the vectors
 * @returns the indexes of the members of each group, those nearest to its centroid first; the largest group first
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

/** Returns the members that are near enough, the nearest first. */
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
