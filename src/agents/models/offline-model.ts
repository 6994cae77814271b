import type { AgentModel } from "./model.ts";

/**
 * Makes the offline model, which gives the agent's offline answer. It needs no key and is meant for development, tests
 * and demonstrations. Its token counts are estimates: one token for four characters. Its price is 0.
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
