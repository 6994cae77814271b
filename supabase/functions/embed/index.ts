import { STATUS_CODE } from "@std/http/status";
import { embeddingModelByName } from "../../../src/embeddings/embedding-model-by-name.ts";
import { embeddingQueueOverHttp } from "../../../src/embeddings/embedding-queue-over-http.ts";
import { edgeFunction } from "../_shared/edge-function.ts";
import { shutdownSignal } from "../_shared/shutdown-signal.ts";
import { errorResponse } from "../_shared/error-response.ts";
import { createEmbedHandler } from "./handler.ts";

// A secret key, such as cron's, embeds the texts of all users. A user embeds their own.
export default edgeFunction(["secret:*", "user"], async (request, { authMode, userClient, admin }) => {
  let userId: string | undefined;
  if (authMode === "user") {
    const { data: user } = await userClient.from("users").select("id").maybeSingle();
    if (!user)
      return errorResponse(
        STATUS_CODE.Forbidden,
        "no_person",
        "This account has no person.",
        "Call ensure_user() first.",
      );
    userId = user.id;
  }
  const handle = createEmbedHandler({
    // Only the service role may call the functions of the queue.
    queue: embeddingQueueOverHttp(admin),
    makeModel: (name) => embeddingModelByName(name, Deno.env.toObject()),
    ...(userId !== undefined && { userId }),
    shutdownSignal,
    log: (line) => console.error(line),
  });
  return handle(request);
});
