import { modelFromEnvironment } from "../../../src/agents/models/model-from-environment.ts";
import { jobQueueOverHttp } from "../../../src/jobs/job-queue-over-http.ts";
import { edgeFunction } from "../_shared/edge-function.ts";
import { shutdownSignal } from "../_shared/shutdown-signal.ts";
import { createRunAgentJobsHandler } from "./handler.ts";

// Any secret key: cron has one of its own ("automations"), and each of them may do all that this does anyway.
export default edgeFunction("secret:*", (request, { admin }) => {
  const handle = createRunAgentJobsHandler({
    // Admin: a worker settles everyone's jobs, and the functions for that are granted to the service role alone.
    queue: jobQueueOverHttp(admin),
    makeModel: () => modelFromEnvironment(Deno.env.toObject()),
    shutdownSignal,
    log: (line) => console.error(line),
  });
  return handle(request);
});
