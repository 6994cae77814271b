import type { User } from "./actors.ts";
import { type Answer, type ApiRequest, describeRequest } from "./api.ts";

/** A cell of the matrix: one attack by one actor. */
export interface Cell {
  relation: string;
  actor: string;
  command: string;
  way: string;
}

/** A cell in which an actor reached another user's data, or an owner was refused its own. */
export interface Leak extends Cell {
  what: string;
}

export const describeLeak = ({ relation, actor, command, way, what }: Leak) =>
  `${relation}: ${actor}, ${command} ${way}: ${what}`;

/** Returns the parts of the answer that belong to other users. A refusal may repeat ids from the request. */
export function leaksInAnswer(others: User[], request: ApiRequest, answer: Answer): string[] {
  const sent = `${request.path} ${JSON.stringify(request.body ?? "")}`;
  const found: string[] = [];
  for (const { userId, marker } of others) {
    if (answer.body.includes(marker)) found.push(`the answer holds the text ${marker}`);
    const isRepeated = answer.status >= 300 && sent.includes(userId);
    if (answer.body.includes(userId) && !isRepeated) found.push(`the answer holds the id ${userId}`);
  }
  if (answer.status >= 500) found.push(`the answer is ${answer.status} ${answer.body.slice(0, 200)}`);
  return found.map((what) => `${what} (${describeRequest(request)})`);
}
