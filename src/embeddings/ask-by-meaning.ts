import { EmbeddingError } from "./embedding-error.ts";
import { type EmbeddingModel, vectorText } from "./embedding-model.ts";

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
 * @returns throws `EmbeddingError` when there is no vector
 */
export function createAskByMeaning(makeModel: (name: string) => EmbeddingModel) {
  let model: EmbeddingModel | undefined;
  return async <Answer>(
    text: string,
    activeModel: () => Promise<string>,
    ask: (vector: string) => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<AskedByMeaning<Answer>> => {
    let active = model?.name ?? (await activeModel());
    for (let tries = 0; tries < 3; tries += 1) {
      if (model?.name !== active) model = makeModel(active);
      const used = model;
      const found = await answerBy(used, text, ask, signal).catch((error: unknown) => {
        if (!(error instanceof EmbeddingError)) throw error;
        return error;
      });
      active = await activeModel();
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
  ask: (vector: string) => Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<{ answer: Answer }> {
  const [embedded] = (await model.embed([text], signal)).embedded;
  if (!embedded) throw new EmbeddingError("missing", "The model answered no vector.");
  if ("error" in embedded) throw embedded.error;
  return { answer: await ask(vectorText(embedded.vector)) };
}
