import ora from "ora";

export interface Progress {
  /** Shows how many texts have their embedding. */
  update(done: number): void;
  /** Prints a line that stays. */
  log(line: string): void;
  end(): void;
}

/** Without a terminal, a line is printed once in this time, in milliseconds. */
const lineEveryMs = 5000;

/** Shows the progress of a model: one line that changes on a terminal, or several lines without one. */
export function showProgress(model: string, total: number): Progress {
  // On a terminal that reports a width of 0, the spinner would print one line after another without end.
  const isTerminal = process.stdout.isTTY && process.stdout.columns > 0;
  const started = Date.now();
  const spinner = isTerminal ? ora({ stream: process.stdout, discardStdin: false }).start() : undefined;
  let lastLine = 0;
  let lastDone = 0;

  const text = (done: number) => {
    const seconds = (Date.now() - started) / 1000;
    const rate = done / Math.max(seconds, 0.001);
    const left = done > 0 && done < total ? `, ${duration((total - done) / rate)} left` : "";
    // Texts that were written after the start are not in `total`.
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
