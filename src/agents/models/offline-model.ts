import type { AgentModel } from "./model.ts";

/**
 * The model without a model: answers with the agent's offline answer, made from the input alone. For development, tests and
 * demonstrations without a key. Its tokens are estimates, four characters each; its price is 0.
 */
export function offlineModel(): AgentModel {
  const name = "offline";
  return {
    name,
    async generate({ system, data, offlineAnswer, newId }) {
      const text = JSON.stringify(offlineAnswer());
      const request_id = newId();
      const tokens = (length: number) => Math.ceil(length / 4);
      return {
        text,
        usage: [
          { model: name, kind: "input", quantity: tokens(system.length + data.length), request_id },
          { model: name, kind: "output", quantity: tokens(text.length), request_id },
        ],
      };
    },
  };
}
