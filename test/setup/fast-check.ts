import fc from "fast-check";

// The same values in every run, so that a test is green or red for a reason. FC_SEED=<number> tries others.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) });
