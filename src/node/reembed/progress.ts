import ora from "ora";

export interface Progress {
  /** So many texts have their vector now. */
  update(done: number): void;
  /** A line that stays. */
  log(line: string): void;
  end(): void;
}

/** Where there is no terminal, a line at most so often. */
const lineEveryMs = 5000;

/** Shows how far a model is: one line that changes on a terminal, some lines elsewhere. */
export function showProgress(model: string, total: number): Progress {
  // In a terminal of no width a spinner would go up for ever.
  const isTerminal = process.stdout.isTTY && process.stdout.columns > 0;
  const started = Date.now();
  const spinner = isTerminal ? ora({ stream: process.stdout, discardStdin: false }).start() : undefined;
  let lastLine = 0;
  let lastDone = 0;

  const text = (done: number) => {
    const seconds = (Date.now() - started) / 1000;
    const rate = done / Math.max(seconds, 0.001);
    const left = done > 0 && done < total ? `, ${duration((total - done) / rate)} left` : "";
    // Texts that were written meanwhile come on top.
    return `${model}: ${done} of ${Math.max(total, done)} texts${left}`;
  };
  if (spinner) spinner.text = text(0);
  else console.log(text(0));

  return {
    update(done) {
      lastDone = done;
      if (spinner) spinner.text = text(done);
      else if (Date.now() - lastLine >= lineEveryMs) {
        lastLine = Date.now();
        console.log(text(done));
      }
    },
    log(line) {
      spinner?.stop();
      console.log(line);
      spinner?.start();
    },
    end() {
      spinner?.stop();
      console.log(text(lastDone));
    },
  };
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
