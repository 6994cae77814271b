import fc from "fast-check";

// Every run uses the same values, so that a result changes only when the code does. FC_SEED=<number> tries other
// values.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_121) });
