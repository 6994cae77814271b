import { modelFromEnvironment } from "../../../src/agents/models/model-from-environment.ts";
import { jobQueueOverHttp } from "../../../src/jobs/job-queue-over-http.ts";
import { edgeFunction } from "../_shared/edge-function.ts";
import { shutdownSignal } from "../_shared/shutdown-signal.ts";
import { createRunAgentJobsHandler } from "./handler.ts";

// Any secret key is accepted, such as cron's ("automations"): each may do what this function does anyway.
export default edgeFunction("secret:*", (request, { admin }) => {
  const handle = createRunAgentJobsHandler({
    // A worker settles the jobs of all users, and only the service role may call the functions for that.
    queue: jobQueueOverHttp(admin),
    makeModel: () => modelFromEnvironment(Deno.env.toObject()),
    shutdownSignal,
    log: (line) => console.error(line),
  });
  return handle(request);
});
