/** What `get_thoughts_to_organize()` gives: one user's thoughts that nobody has placed, and their circles. */
export interface ThoughtsToOrganize {
  /** The model that the vectors are of. */
  embedding_model: string;
  /** Nothing has changed since the last run: there are neither thoughts nor circles to read. */
  unchanged: boolean;
  /** Thoughts that have no vector yet, and are left for another run. */
  not_embedded: number;
  /** Thoughts that are too many for one run. */
  remaining: number;
  thoughts: {
    id: number;
    /** Its beginning. */
    text: string;
    has_reflection: boolean;
    /** For `readHalfVector`. */
    vector: string;
  }[];
  circles: {
    id: number;
    name: string;
    /** How many of its thoughts have a vector. */
    members: number;
    /** See `Centre`. Null where there are no vectors. */
    typical: number | null;
    spread: number | null;
    vector: string | null;
  }[];
  novelty: { thought_id: number; novelty_score: number }[];
}
