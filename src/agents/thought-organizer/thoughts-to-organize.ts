/** The result of `get_thoughts_to_organize()`: one user's thoughts that nobody has placed, and the user's circles. */
export interface ThoughtsToOrganize {
  /** The model that made the embeddings. */
  embedding_model: string;
  /** True if nothing has changed since the last run. Thoughts and circles are then left out. */
  unchanged: boolean;
  /** How many thoughts have no embedding yet. Another run organizes them. */
  not_embedded: number;
  /** How many thoughts are left because one run takes only a limited number. */
  remaining: number;
  thoughts: {
    id: number;
    /** The beginning of the text. */
    text: string;
    has_reflection: boolean;
    /** In the form that `readHalfVector` takes. */
    vector: string;
  }[];
  circles: {
    id: number;
    name: string;
    /** How many thoughts of the circle have an embedding. */
    members: number;
    /** See `Centre`. Null if the circle has no embeddings. */
    typical: number | null;
    spread: number | null;
    vector: string | null;
  }[];
  novelty: { thought_id: number; novelty_score: number }[];
}
