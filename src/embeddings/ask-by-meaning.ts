import { EmbeddingError } from "./embedding-error.ts";
import { encodeUnitVector } from "../shared/vector.ts";
import type { EmbeddingModel } from "./embedding-model.ts";
import { type EmbeddingUsage, usageOf } from "./embedding-usage.ts";

/** The calls of the database that a question of one user needs. */
export interface QuestionDatabase {
  activeModel(): Promise<string>;
  /** Returns the payer of an embedding of this model; null if nobody pays. Throws if the payer may not pay. */
  payer(model: string): Promise<string | null>;
  /** Books the usage to the payer. Does not throw, because the embedding exists already. */
  book(model: string, usage: EmbeddingUsage[]): Promise<void>;
}

export interface AskedByMeaning<Answer> {
  answer: Answer;
  /** The model whose embeddings were compared. */
  model: string;
}

/**
 * Makes a function that asks the database a question, with the question's embedding of the active model.
 *
 * The name of the active model is kept for the next question, and checked after each answer. If another model has
 * become active meanwhile, the answer compared vectors of two models, and is dropped.
 *
 * @param makeModel throws `EmbeddingError` for a model that is not configured
 * @returns a function that throws `EmbeddingError` when there is no embedding, and the errors of `database`
 */
export function createAskByMeaning(makeModel: (name: string) => EmbeddingModel) {
  let model: EmbeddingModel | undefined;
  return async <Answer>(
    text: string,
    database: QuestionDatabase,
    ask: (vector: string) => Promise<Answer>,
  ): Promise<AskedByMeaning<Answer>> => {
    let active = model?.name ?? (await database.activeModel());
    for (let tries = 0; tries < 3; tries += 1) {
      if (model?.name !== active) model = makeModel(active);
      const used = model;
      const found = await answerBy(used, text, database, ask).catch((error: unknown) => {
        if (!(error instanceof EmbeddingError)) throw error;
        return error;
      });
      active = await database.activeModel();
      if (active !== used.name) continue;
      if (found instanceof EmbeddingError) throw found;
      return { answer: found.answer, model: used.name };
    }
    throw new EmbeddingError("unavailable", "The active embedding model changed several times during the search.");
  };
}

async function answerBy<Answer>(
  model: EmbeddingModel,
  text: string,
  database: QuestionDatabase,
  ask: (vector: string) => Promise<Answer>,
): Promise<{ answer: Answer }> {
  const payer = model.isLocal ? null : await database.payer(model.name);
  const { embedded, tokens } = await model.embed([text]);
  const [one] = embedded;
  if (!one) throw new EmbeddingError("missing", "The model's answer has no vector.");
  if ("error" in one) throw one.error;
  const booking =
    payer === null ? undefined : database.book(model.name, usageOf([{ user_id: payer, content: text }], tokens));
  try {
    return { answer: await ask(encodeUnitVector(one.vector)) };
  } finally {
    await booking;
  }
}
