import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the provider received it. */
export interface ProviderRequest {
  path: string;
  authorization: string | undefined;
  body: {
    model: string;
    max_tokens?: number;
    max_completion_tokens?: number;
    messages: { role: string; content: string }[];
    response_format: { type: string; json_schema: { strict: boolean; schema: Record<string, unknown> } };
    tools?: unknown;
  };
}

export type Behaviour = (request: ProviderRequest, response: ServerResponse) => void;

/** A real server on loopback that speaks OpenAI's chat completions, and fails on purpose as it is told. */
export interface FakeProvider extends AsyncDisposable {
  baseUrl: string;
  requests: ProviderRequest[];
  /** Sets the behaviours for the next requests, in this order. The last one also holds for all later requests. */
  behave(...behaviours: Behaviour[]): void;
}

export async function startFakeProvider(): Promise<FakeProvider> {
  const requests: ProviderRequest[] = [];
  let behaviours: Behaviour[] = [];
  const server = createServer(async (message, response) => {
    const body = JSON.parse(await readBody(message));
    const request = { path: message.url!, authorization: message.headers.authorization, body };
    requests.push(request);
    const behaviour = behaviours.length > 1 ? behaviours.shift()! : behaviours[0]!;
    behaviour(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    behave: (...next) => {
      behaviours = next;
      requests.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(message: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of message) body += chunk;
  return body;
}

let answered = 0;

export interface AnswerOptions {
  usage?: object | null;
  finish_reason?: string;
  refusal?: string;
  id?: string;
}

/** Makes the body of an answer. An object becomes JSON in its content. */
export function completion(content: unknown, { usage, finish_reason = "stop", refusal, id }: AnswerOptions = {}) {
  answered += 1;
  return JSON.stringify({
    id: id ?? `chatcmpl-${answered}`,
    object: "chat.completion",
    created: 1_790_000_000,
    model: "a-dated-version-of-the-model",
    choices: [
      {
        index: 0,
        finish_reason,
        message: {
          role: "assistant",
          content: typeof content === "object" ? JSON.stringify(content) : content,
          refusal,
        },
      },
    ],
    ...(usage !== null && { usage: usage ?? { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 } }),
  });
}

export function answers(content: unknown, options?: AnswerOptions): Behaviour {
  return (_, response) => sendJson(response, 200, completion(content, options));
}

export function fails(status: number, headers: Record<string, string> = {}, message = "no"): Behaviour {
  return (_, response) => sendJson(response, status, JSON.stringify({ error: { message, type: "error" } }), headers);
}

function sendJson(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}
