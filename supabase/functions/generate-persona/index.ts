import { edgeFunction } from "../_shared/edge-function.ts";
import { jobEffects } from "../_shared/job-effects.ts";
import { dataOf } from "../_shared/rpc-answer.ts";
import { generatePersona } from "./handler.ts";

export default edgeFunction("user", (request, { userClient, admin }) =>
  generatePersona(request, {
    ...jobEffects(userClient, admin),
    hasPersona: async (id) => dataOf(await userClient.from("personas").select("id").eq("id", id)).length > 0,
    readPersona: async (jobId) =>
      dataOf(await userClient.from("personas").select().eq("agent_job_id", jobId))[0] ?? null,
  }),
);
