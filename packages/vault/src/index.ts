export { type CompartmentSettings, Compartments } from "./compartment/compartments.ts";
export type { BlockIo, ComputeJob, ComputeResult, Plain } from "./compartment/job.ts";
