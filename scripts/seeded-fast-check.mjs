/**
 * Stands in for fast-check in the tests: the same, with one seed for all, so that a test that passed passes again. Other
 * inputs are tried with `FC_SEED=N npm test`, and in numbers by `npm run eval:fuzz`.
 */
import fc from "../node_modules/fast-check/lib/fast-check.js";

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });

export * from "../node_modules/fast-check/lib/fast-check.js";
export default fc;
