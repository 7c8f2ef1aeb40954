/**
 * The real engine for the tests of this folder: the product's guest files and one more, which gives scripts the bare
 * calls of the kernel (`probe.call`, `probe.start`, `probe.refuse`). The host behind them is the test's.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { buildImage, type GuestFile } from "./build-image.ts";
import { Machine } from "./machine.ts";
import type { EngineAssets, MachinePorts, MachineSize, RunEnd, RunSetup } from "./run.ts";
import { compileEngine } from "./wasm-table.ts";

const MiB = 1024 * 1024;
/** Small enough for the stack of a test's own thread; the product's sizes are tested in real workers. */
export const SIZE: MachineSize = { maxMemoryBytes: 32 * MiB, maxStackBytes: 64 * 1024 };
export const SETUP: RunSetup = { args: [], input: null, seed: 1, startMs: 1_700_000_000_000 };
/** A host that answers every call with null and never stops a run. */
export const QUIET: MachinePorts = { call: () => '{"ok":null}', nextSettlement: () => null, stop: () => null };

const PROBE: GuestFile = {
  name: "90-probe.js",
  source: `kernel.define("probe", kernel.harden({
    call: (op, args) => kernel.call(op, args),
    start: (op, args) => kernel.start(op, args),
    refuse: (code, message, extra) => kernel.throwError(code, message, extra),
    text: (value) => kernel.toText(value),
  }));`,
};

export const wasmBytes: Uint8Array = readFileSync(
  createRequire(import.meta.url).resolve("@jitl/quickjs-wasmfile-release-sync/wasm"),
);

export function guestFiles(): GuestFile[] {
  const folder = fileURLToPath(new URL("./guest/", import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
  return [PROBE, ...files.map((name) => ({ name, source: readFileSync(folder + name, "utf8") }))].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

let made: Promise<EngineAssets> | undefined;

export function testAssets(): Promise<EngineAssets> {
  made ??= buildImage(wasmBytes, guestFiles()).then((image) => ({ wasm: compileEngine(wasmBytes), image }));
  return made;
}

export async function newMachine(size: Partial<MachineSize> = {}): Promise<Machine> {
  return Machine.create(await testAssets(), { ...SIZE, ...size });
}

/** Wraps a text as the parser does. */
export const program = (body: string) => ({
  code: `(async () => {${body}\n})`,
  name: "script.js",
  firstLineOffset: 14,
});

export interface Setting {
  readonly machine?: Machine;
  readonly ports?: Partial<MachinePorts>;
  readonly setup?: Partial<RunSetup>;
  readonly size?: Partial<MachineSize>;
}

/** Runs a text as the body of a script. */
export async function run(body: string, setting: Setting = {}): Promise<RunEnd> {
  const machine = setting.machine ?? (await newMachine(setting.size));
  return machine.run(program(body), { ...SETUP, ...setting.setup }, { ...QUIET, ...setting.ports });
}

/** The value of a script that ends well; any other end fails the test. */
export async function scriptValue(body: string, setting: Setting = {}): Promise<unknown> {
  const end = await run(body, setting);
  if (end.kind !== "value") throw new Error(`the script did not end well: ${JSON.stringify(end)}`);
  return JSON.parse(end.json);
}

/** The error of a script that does not catch it; any other end fails the test. */
export async function errorOf(body: string, setting: Setting = {}) {
  const end = await run(body, setting);
  if (end.kind !== "error") throw new Error(`the script did not fail: ${JSON.stringify(end)}`);
  return end.error;
}

/** `stop` that asks for the end of a run from its n-th poll on; a script that polls is stopped without a clock. */
export function stopAfter(polls: number, code: "E_LIMIT_TIME" | "E_INTERRUPTED" = "E_LIMIT_TIME") {
  let left = polls;
  return () => (left-- > 0 ? null : code);
}
