/**
 * Runs scripts in the real VM for the tests of the guest files: image, machine and pure operations are the product's;
 * the world behind the gate is a table of answers, which is the boundary that these files end at.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Json } from "@agent-run/gate";
import { buildImage } from "../build-image.ts";
import type { Program } from "../guest-error.ts";
import { Machine } from "../machine.ts";
import { PURE } from "../pure.ts";
import type { EngineAssets, RunEnd } from "../run.ts";
import { parseScript } from "../source/index.ts";
import { compileEngine } from "../wasm-table.ts";

export interface Call {
  readonly op: string;
  readonly args: { readonly [name: string]: Json };
}

/** What the world answers: a value, `{error}` or `{sealed}`, or a function of the arguments that gives one. */
export type World = Readonly<Record<string, Json | ((args: Call["args"]) => Json)>>;

export interface Run {
  readonly stdout: string;
  readonly levels: readonly string[];
  readonly end: RunEnd;
  /** Calls that went to the world, in order. */
  readonly calls: readonly Call[];
}

export interface Setting {
  readonly world?: World;
  readonly args?: readonly string[];
  readonly input?: Json;
  readonly root?: string;
  readonly localOnly?: boolean;
  /** Runs the body as the parser gives it out for a policy with local-only values. */
  readonly guard?: boolean;
}

const GUEST_FOLDERS = ["./", "../../../effects/src/guest/"];

let made: Promise<EngineAssets> | undefined;

/** Runs the text as the body of the script; `return` gives the value. */
export async function runScript(body: string, setting: Setting = {}): Promise<Run> {
  made ??= makeAssets();
  const machine = await Machine.create(await made, { maxMemoryBytes: 256 * 1024 * 1024, maxStackBytes: 128 * 1024 });
  const levels: string[] = [];
  const calls: Call[] = [];
  const settled: string[] = [];
  let stdout = "";
  const answer = ({ op, args }: Call): Json => {
    if (op === "print") {
      stdout += String(args.text);
      levels.push(String(args.level));
      return { ok: null };
    }
    const pure = PURE.get(op)?.(args);
    if (pure !== undefined) return pure.ok ? { ok: pure.value } : { error: JSON.parse(JSON.stringify(pure.failure)) };
    calls.push({ op, args });
    return worldAnswer(setting.world ?? {}, op, args);
  };
  const program = programOf(body, setting.guard === true);
  const { args = [], input = null, root, localOnly = false } = setting;
  const setup = {
    args,
    input,
    seed: 7,
    startMs: 1_700_000_000_000,
    localOnly,
    ...(root === undefined ? {} : { root }),
  };
  const end = machine.run(program, setup, {
    call(json) {
      const { id, ...call } = JSON.parse(json) as Call & { id?: number };
      const result = answer(call);
      if (id === undefined) return JSON.stringify(result);
      settled.push(JSON.stringify({ id, ...(result as object) }));
      return '{"started":true}';
    },
    nextSettlement: () => settled.shift() ?? null,
    stop: () => null,
  });
  return { stdout, levels, end, calls };
}

/** The value of a script that ends well; anything else is the test's failure. */
export async function scriptValue(body: string, setting: Setting = {}): Promise<Json> {
  const { end } = await runScript(body, setting);
  if (end.kind === "value") return JSON.parse(end.json) as Json;
  throw new Error(`the script did not end well: ${JSON.stringify(end)}`);
}

/** Code, message and hint of the error that a script ends with. */
export async function scriptError(body: string, setting: Setting = {}) {
  const { end, calls } = await runScript(body, setting);
  if (end.kind !== "error") throw new Error(`the script did not fail: ${JSON.stringify(end)}`);
  const { name, code, message, hint } = end.error;
  return { name, code, message, hint, calls: calls.length };
}

function worldAnswer(world: World, op: string, args: Call["args"]): Json {
  if (!Object.hasOwn(world, op)) return { error: { code: "E_CAPABILITY", message: `no \`${op}\` here` } };
  const given = world[op];
  const value = typeof given === "function" ? given(args) : (given ?? null);
  const isAnswer = typeof value === "object" && value !== null && ("error" in value || "sealed" in value);
  return isAnswer ? value : { ok: value };
}

function programOf(body: string, guard: boolean): Program {
  if (!guard) return { code: `(async () => { "use strict"; ${body}\n})`, name: "script.js" };
  const parsed = parseScript(body, { name: "script.js", typescript: false, guard });
  if (!parsed.ok) throw new Error(`the script does not parse: ${JSON.stringify(parsed.error)}`);
  return parsed.program;
}

async function makeAssets(): Promise<EngineAssets> {
  const files = GUEST_FOLDERS.flatMap((folder) => {
    const path = fileURLToPath(new URL(folder, import.meta.url));
    return readdirSync(path)
      .filter((name) => name.endsWith(".js"))
      .map((name) => ({ name, source: readFileSync(path + name, "utf8") }));
  });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const wasm = readFileSync(createRequire(import.meta.url).resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));
  return { wasm: compileEngine(wasm), image: await buildImage(wasm, files) };
}
