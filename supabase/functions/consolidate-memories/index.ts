import { edgeFunction } from "../_shared/edge-function.ts";
import { jobEffects } from "../_shared/job-effects.ts";
import { consolidateMemories } from "./handler.ts";

export default edgeFunction("user", (request, { userClient, admin }) =>
  consolidateMemories(request, jobEffects(userClient, admin)),
);
