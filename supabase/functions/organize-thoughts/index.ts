import { edgeFunction } from "../_shared/edge-function.ts";
import { jobEffects } from "../_shared/job-effects.ts";
import { organizeThoughts } from "./handler.ts";

export default edgeFunction("user", (request, { userClient, admin }) =>
  organizeThoughts(request, jobEffects(userClient, admin)),
);
