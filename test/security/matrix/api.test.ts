import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { send } from "./api.ts";

test("a request without an answer in time is an error, and neither a leak nor a refusal", async () => {
  const server = createServer((request, response) => {
    // The second answer breaks off in the middle.
    if (request.url!.includes("tasks")) response.writeHead(200).write("[{");
  }).listen(0, "127.0.0.1");
  using undo = new DisposableStack();
  undo.defer(() => void server.close());
  undo.defer(() => server.closeAllConnections());
  await once(server, "listening");
  const backend = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, publishableKey: "key" };

  for (const path of ["thoughts?select=*", "tasks?select=*"]) {
    await expect(send(backend, undefined, { method: "GET", path }, 50)).rejects.toThrow(
      `The matrix can't go on, there was a timeout: no answer within 50 ms to GET ${path}.`,
    );
  }
});

test("a request that is never answered is an error, too", async () => {
  const nobody = { url: "http://127.0.0.1:9", publishableKey: "key" };

  await expect(send(nobody, undefined, { method: "DELETE", path: "thoughts" })).rejects.toThrow(
    "The matrix can't go on, there was no answer to DELETE thoughts.",
  );
});
