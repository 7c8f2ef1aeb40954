/**
 * Loads one of our bundles with the compiled code that the build left beside it, which saves V8 some 10 ms of compiling
 * at the start of a command. V8 takes such code only if it is from its own version, flags and a text of this length;
 * else it compiles as always. It is code, like the bundle beside which it lies.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { assetsDirectory, readPart } from "./assets.ts";

/** Where the compiled code of a bundle lies. */
const compiled = (name: string): string => `${name}.cache`;

/** What the bundle exports. */
export function loadBundle(name: "command.cjs" | "hook.cjs" | "unbash.cjs" | "worker.cjs" | "vault.cjs"): object {
  const directory = assetsDirectory();
  const file = join(directory, name);
  const text = `(function (exports, require, module, __filename, __dirname) {${readPart(directory, name)}\n})`;
  const cachedData = readPart(directory, compiled(name));
  const script = new Script(text, { filename: file, ...(cachedData === null ? {} : { cachedData }) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}
