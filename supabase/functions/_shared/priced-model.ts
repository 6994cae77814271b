import { STATUS_CODE } from "@std/http/status";
import type { JobQueue } from "../../../src/jobs/job-queue.ts";
import type { AgentModel } from "../../../src/agents/models/model.ts";
import { tokenPrices } from "../../../src/agents/runtime/spend-cap.ts";
import { errorResponse } from "./error-response.ts";

/** Makes the model, or the answer that it can't be used. Without a price, each job would be claimed and then fail. */
export async function pricedModel(queue: JobQueue, makeModel: () => AgentModel): Promise<AgentModel | Response> {
  let model: AgentModel;
  try {
    model = makeModel();
  } catch (error) {
    return errorResponse(
      STATUS_CODE.InternalServerError,
      "no_model",
      (error as Error).message,
      "Correct the secrets of the function.",
    );
  }
  const prices = await queue.prices(model.name);
  try {
    tokenPrices(model.name, prices);
  } catch (error) {
    return errorResponse(
      STATUS_CODE.InternalServerError,
      "unpriced_model",
      (error as Error).message,
      "An unknown model is refused, not free.",
    );
  }
  return model;
}
