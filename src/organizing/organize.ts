import { cluster } from "./cluster.ts";
import { type Centre, isNear, minMembers } from "./centre.ts";
import { cosine } from "./vectors.ts";

interface Thought {
  id: number;
  /** At unit length. */
  vector: Float32Array;
}

interface Circle extends Centre {
  id: number;
  members: number;
}

export interface Plan {
  /** Thoughts that are near an existing circle. */
  joined: { thought_id: number; circle_id: number }[];
  /**
   * Groups of similar thoughts that nobody has placed. In each group, the thoughts nearest to the centre come first.
   */
  gathered: number[][];
  /** How many thoughts stay without a circle. */
  left: number;
}

/**
 * Decides where thoughts go that nobody has placed: into a circle that they are near to, or else into a new circle with
 * similar thoughts. The same thoughts and circles give the same plan, in any order.
 */
export function organize(thoughts: Thought[], circles: Circle[]): Plan {
  const known = circles.filter(({ members }) => members >= minMembers).toSorted((one, other) => one.id - other.id);
  const joined: Plan["joined"] = [];
  const rest: Thought[] = [];
  for (const thought of thoughts.toSorted((one, other) => one.id - other.id)) {
    const circle = nearestOf(thought.vector, known);
    if (circle) joined.push({ thought_id: thought.id, circle_id: circle.id });
    else rest.push(thought);
  }
  const gathered = cluster(rest.map(({ vector }) => vector)).map((members) =>
    members.map((member) => rest[member]!.id),
  );
  return { joined, gathered, left: rest.length - gathered.flat().length };
}

function nearestOf(vector: Float32Array, circles: Circle[]): Circle | undefined {
  let nearest: Circle | undefined;
  let highest = -Infinity;
  for (const circle of circles) {
    const similarity = cosine(vector, circle.centroid);
    if (similarity > highest && isNear(similarity, circle)) {
      nearest = circle;
      highest = similarity;
    }
  }
  return nearest;
}
