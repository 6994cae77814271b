import { EmbeddingError } from "./embedding-error.ts";
import { encodeUnitVector } from "../shared/vector.ts";
import type { EmbeddingModel } from "./embedding-model.ts";
import { type EmbeddingUsage, usageOf } from "./embedding-usage.ts";

/** What questions of one user need of the database. */
export interface QuestionDatabase {
  activeModel(): Promise<string>;
  /** Who pays for a vector by this model; null if nobody does. Throws when they may not. */
  payer(model: string): Promise<string | null>;
  /** Has the payer pay. Does not throw: the vector is there. */
  book(model: string, usage: EmbeddingUsage[]): Promise<void>;
}

export interface AskedByMeaning<Answer> {
  answer: Answer;
  /** Whose vectors were compared. */
  model: string;
}

/**
 * Puts questions to the database with their vectors by the active model.
 *
 * The model is remembered from one question to the next, and asked for again after each answer: if another one became
 * active meanwhile, the answer compared vectors of two models and is thrown away.
 *
 * @param makeModel throws `EmbeddingError` for a model that is not configured
 * @returns throws `EmbeddingError` when there is no vector, and what `database` throws
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
    throw new EmbeddingError("unavailable", "The active embedding model changes all the time.");
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
  if (!one) throw new EmbeddingError("missing", "The model answered no vector.");
  if ("error" in one) throw one.error;
  const booking =
    payer === null ? undefined : database.book(model.name, usageOf([{ user_id: payer, content: text }], tokens));
  try {
    return { answer: await ask(encodeUnitVector(one.vector)) };
  } finally {
    await booking;
  }
}
