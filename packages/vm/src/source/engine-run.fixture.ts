/**
 * Runs parsed scripts in the real VM: parser, image, machine and guest files are the product's. The files of the
 * fixtures are the world; nothing is gated here, since the gate is another package's.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Json } from "@agent-run/gate";
import { buildImage } from "../build-image.ts";
import { Machine } from "../machine.ts";
import { PURE } from "../pure.ts";
import type { EngineAssets, RunEnd } from "../run.ts";
import { compileEngine } from "../wasm-table.ts";
import { parseScript, type ScriptProgram } from "./parse.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const GUEST_FOLDERS = [`${HERE}../guest/`, `${HERE}../../../effects/src/guest/`];
export const ORDINARY = `${HERE}fixtures/ordinary/`;
const FILES = `${HERE}fixtures/files/`;

/** The program of a script that must parse; an `ok: false` is the test's failure. */
export function programOf(text: string, typescript = false): ScriptProgram {
  const parsed = parseScript(text, { name: "script.js", typescript });
  if (!parsed.ok) throw new Error(`the script does not parse: ${JSON.stringify(parsed.error)}`);
  return parsed.program;
}

let made: Promise<EngineAssets> | undefined;

export async function runProgram(program: ScriptProgram): Promise<RunEnd> {
  made ??= makeAssets();
  const machine = await Machine.create(await made, { maxMemoryBytes: 256 * 1024 * 1024, maxStackBytes: 512 * 1024 });
  const settled: string[] = [];
  return machine.run(
    program,
    { args: [], input: null, seed: 7, startMs: 1_700_000_000_000 },
    {
      call(json) {
        const { id, op, args } = JSON.parse(json) as { id?: number; op: string; args: Record<string, Json> };
        const result = answer(op, args);
        if (id === undefined) return JSON.stringify(result);
        settled.push(JSON.stringify({ id, ...result }));
        return '{"started":true}';
      },
      nextSettlement: () => settled.shift() ?? null,
      stop: () => null,
    },
  );
}

/** The JSON value of a program that ends well; anything else is the test's failure. */
export async function resultOf(program: ScriptProgram): Promise<Json> {
  const end = await runProgram(program);
  if (end.kind !== "value") throw new Error(`the script did not end well: ${JSON.stringify(end)}`);
  return JSON.parse(end.json) as Json;
}

function answer(op: string, args: Record<string, Json>): { ok: Json } | { error: { code: string; message: string } } {
  if (op === "print") return { ok: null };
  const pure = PURE.get(op)?.(args);
  if (pure !== undefined) return pure.ok ? { ok: pure.value } : { error: { ...pure.failure } };
  const name = String(args.path).replace(/^\.\//, "");
  if (op === "fs.read") return { ok: readFileSync(FILES + name, "utf8") };
  if (op === "fs.exists") return { ok: readdirSync(FILES).includes(name) };
  if (op === "fs.write") return { ok: { bytes: String(args.data).length } };
  return { error: { code: "E_CAPABILITY", message: `no \`${op}\` here` } };
}

async function makeAssets(): Promise<EngineAssets> {
  const files = GUEST_FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".js"))
      .map((name) => ({ name, source: readFileSync(folder + name, "utf8") })),
  );
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const wasm = readFileSync(createRequire(import.meta.url).resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));
  return { wasm: compileEngine(wasm), image: await buildImage(wasm, files) };
}
