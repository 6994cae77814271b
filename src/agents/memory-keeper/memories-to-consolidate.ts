/** A memory as the memory keeper receives it. Times are ISO 8601, as the database wrote them. */
export interface MemoryToConsolidate {
  id: string;
  content: string;
  /** The time from which it is true. */
  valid_from: string;
  /** The time at which it was stored. */
  created_at: string;
  /** When the job completes, the database compares this to see if the memory has been changed meanwhile. */
  updated_at: string;
}

/**
 * The result of `get_memories_to_consolidate`: memories that were not compared yet, and the memories similar to them.
 */
export interface MemoriesToConsolidate {
  /** The ids of the memories that are to be compared. */
  looked_at: string[];
  /** The memories to compare, and those similar to them. */
  memories: MemoryToConsolidate[];
  /** The most similar pair first. Each pair appears once at most. */
  pairs: { a_id: string; b_id: string; similarity: number }[];
  /** How many memories are left for other jobs, because one job compares only a limited number. */
  remaining: number;
  /** How many memories cannot be compared yet because they have no embedding. */
  without_vector: number;
}

/** Two memories to compare. */
export interface MemoryPair {
  a: MemoryToConsolidate;
  b: MemoryToConsolidate;
}
