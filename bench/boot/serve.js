// Deno's own start: a process that listens and has nothing to serve.
globalThis.Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => console.log("listening") },
  () => new Response(),
);
