export * from "./assets.ts";
export { buildImage, type GuestFile } from "./build-image.ts";
export type { GuestError, GuestFrame, Program } from "./guest-error.ts";
export { Machine } from "./machine.ts";
export { PURE } from "./pure.ts";
export type { EngineAssets, MachinePorts, MachineSize, RunEnd, RunSetup } from "./run.ts";
export * from "./source/index.ts";
export { ENGINE_SHA256 } from "./wasm-abi.ts";
export { compileEngine } from "./wasm-table.ts";
