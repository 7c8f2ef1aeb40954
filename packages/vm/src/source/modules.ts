/**
 * The modules a script can import: the built-in names, with or without `node:`. What they hold is guest prelude over the
 * same gated calls.
 */
export const BUILTIN_MODULES: readonly string[] = [
  "assert",
  "assert/strict",
  "buffer",
  "child_process",
  "crypto",
  "events",
  "fs",
  "fs/promises",
  "os",
  "path",
  "path/posix",
  "perf_hooks",
  "process",
  "querystring",
  "timers",
  "timers/promises",
  "url",
  "util",
];

const NAMES: ReadonlySet<string> = new Set(BUILTIN_MODULES);

/** The bare name of a built-in module; null for every other specifier. */
export function builtinModule(specifier: unknown): string | null {
  if (typeof specifier !== "string") return null;
  const name = specifier.startsWith("node:") ? specifier.slice("node:".length) : specifier;
  return NAMES.has(name) ? name : null;
}

/** What to do about a module that is not built in. */
export function moduleHint(specifier: unknown): string {
  if (typeof specifier !== "string") return 'only built-in names can be imported, as literals: `import("node:fs")`';
  if (/\.json$/.test(specifier)) return "read it: `fs.readJson(path)`";
  if (/^(?:node-fetch|axios|got|undici|https?|node:https?|ky|superagent)$/.test(specifier))
    return "`fetch` and `net` are globals";
  if (/^(?:execa|zx|shelljs|cross-spawn)$/.test(specifier)) return "`subprocess.exec([command, ...args])` is a global";
  if (/^(?:glob|globby|fast-glob|fs-extra|rimraf|mkdirp)$/.test(specifier))
    return "`fs` is a global: `fs.glob`, `fs.copy`, `fs.delete`";
  if (/^\.{0,2}\//.test(specifier)) return "a script is one file: put the code into it";
  return "packages cannot be imported; built in are `fs`, `path`, `child_process`, `process`, `url`, `util`, `crypto`";
}
