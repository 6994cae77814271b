import { type Behaviour, type FakeProvider, startFakeProvider } from "../../agents/setup/fake-provider.ts";

/** The body of a request for embeddings. */
export interface EmbeddingRequest {
  model: string;
  input: string[];
  dimensions?: number;
  encoding_format: string;
}

export const startFakeEmbedder = startFakeProvider;

/** The requests to this provider, whose bodies differ from those of chats. */
export const requestsOf = ({ requests }: FakeProvider): EmbeddingRequest[] =>
  requests.map(({ body }) => body as unknown as EmbeddingRequest);

/** Makes a vector that has the text's length in its first two places, as an angle. */
export function fakeVector(text: string, width = 1536): number[] {
  // The angles differ enough for half precision.
  const angle = text.length / 10;
  return Array.from({ length: width }, (_, place) =>
    place === 0 ? Math.cos(angle) : place === 1 ? Math.sin(angle) : 0,
  );
}

/** Answers with the result of `change` for the right answer: an object, or the text of the body. */
export function embeds(change: (answer: EmbeddingAnswer, request: EmbeddingRequest) => unknown = (answer) => answer) {
  const behaviour: Behaviour = ({ body }, response) => {
    const request = body as unknown as EmbeddingRequest;
    const answer = change(rightAnswer(request), request);
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(typeof answer === "string" ? answer : JSON.stringify(answer));
  };
  return behaviour;
}

export interface EmbeddingAnswer {
  object: "list";
  data: { object: "embedding"; index: number; embedding: (number | null)[] }[];
  usage: { prompt_tokens: number; total_tokens: number } | undefined;
}

function rightAnswer({ input }: EmbeddingRequest): EmbeddingAnswer {
  const tokens = input.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  return {
    object: "list",
    data: input.map((text, index) => ({ object: "embedding", index, embedding: fakeVector(text) })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
