import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

/** A process of `npm start`. */
export interface Cli {
  process: ChildProcess;
  /** Returns everything that it has printed. */
  output(): string;
  /** Waits until its output matches the pattern, and returns the match. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for its end. Sends the signal first, if there is one. */
  ended(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Runs `npm start -- <options>` in the given folder. */
export function runCli(root: string, options: string[]): Cli {
  const command = ["--liftoff-only", path.resolve("src/local/cli.ts"), ...options];
  const child = spawn(process.execPath, command, { cwd: root, stdio: "pipe" });
  let printedSoFar = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printedSoFar += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const end = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    process: child,
    output: () => printedSoFar,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(printedSoFar);
          if (!match) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        void end.then((code) => reject(new Error(`It ended with ${code} and printed:\n${printedSoFar}`)));
        look();
      }),
    ended: (signal) => {
      if (signal) child.kill(signal);
      return end;
    },
  };
}
