import { edgeFunction } from "../_shared/edge-function.ts";
import { createHealthHandler, type DatabaseHealth } from "./handler.ts";

// A monitor has no account. What it learns is a version number, and that the database answers.
export default edgeFunction("none", (request, { admin }) => {
  // Admin: the state of the database is for operators, so the RPC is granted to the service role alone.
  const handle = createHealthHandler({
    async askDatabase(signal) {
      const { data } = await admin.rpc("backend_health").abortSignal(signal);
      return data as DatabaseHealth | null;
    },
  });
  return handle(request);
});
