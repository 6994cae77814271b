/**
 * Answers every request for embeddings after a fixed time: `node slow-provider.ts <milliseconds>`. Prints its port. Its
 * statistics are at `/`.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

export interface ProviderWork {
  requests: number;
  /** The milliseconds in which it worked on at least one request. */
  busyMs: number;
}

const latencyMs = Number(process.argv[2]);
const answers = new Map<number, Buffer>();
const work: ProviderWork = { requests: 0, busyMs: 0 };
let atWork = 0;
let since = 0;

const server = createServer(async (request, response) => {
  if (request.method === "GET") return response.end(JSON.stringify(work));
  const { input } = JSON.parse(await text(request)) as { input: string[] };
  if (atWork === 0) since = performance.now();
  atWork += 1;
  await delay(latencyMs);
  atWork -= 1;
  if (atWork === 0) work.busyMs += performance.now() - since;
  work.requests += 1;
  const answer = answers.get(input.length) ?? answerFor(input.length);
  answers.set(input.length, answer);
  response.writeHead(200, { "content-type": "application/json" }).end(answer);
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));

/** Makes an answer as long as that of a real provider: eight digits for each number. */
function answerFor(count: number): Buffer {
  const data = Array.from({ length: count }, (_, index) => {
    const embedding = Array.from({ length: 1536 }, (__, place) => Math.sin(index * 1536 + place + 1) / 28);
    return { object: "embedding", index, embedding: embedding.map((number) => Number(number.toPrecision(8))) };
  });
  return Buffer.from(JSON.stringify({ object: "list", data, usage: { prompt_tokens: count, total_tokens: count } }));
}
