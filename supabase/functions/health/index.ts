import { edgeFunction } from "../_shared/edge-function.ts";
import { createHealthHandler, type DatabaseHealth } from "./handler.ts";

// A monitor has no account. It only learns version numbers, and whether the database answers.
export default edgeFunction("none", (request, { admin }) => {
  // Only the service role may call this function, because the state of the database is for operators.
  const handle = createHealthHandler({
    async askDatabase(signal) {
      const { data } = await admin.rpc("backend_health").abortSignal(signal);
      return data as DatabaseHealth | null;
    },
  });
  return handle(request);
});
