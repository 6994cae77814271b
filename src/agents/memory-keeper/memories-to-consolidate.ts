/** A memory as the memory keeper gets it. Times are ISO 8601, as the database wrote them. */
export interface MemoryToConsolidate {
  id: string;
  content: string;
  /** Since when it is true. */
  valid_from: string;
  /** When it was told. */
  created_at: string;
  /** Says, when the job completes, whether somebody has changed the memory meanwhile. */
  updated_at: string;
}

/** What `get_memories_to_consolidate` gives for a job: memories that were not compared yet, with those near them. */
export interface MemoriesToConsolidate {
  /** The ids of the memories that are to be compared. */
  looked_at: string[];
  /** Those, and the ones near them. */
  memories: MemoryToConsolidate[];
  /** The most similar first; each at most once. */
  pairs: { a_id: string; b_id: string; similarity: number }[];
  /** How many more there are to be compared than one job does. */
  remaining: number;
  /** How many can't be compared before their vector is computed. */
  without_vector: number;
}

/** Two memories whose relation is to be said. */
export interface MemoryPair {
  a: MemoryToConsolidate;
  b: MemoryToConsolidate;
}
