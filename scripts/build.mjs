/**
 * Builds `dist/`, which is what is published: the engine and its memory image, the bundles, the presets. Every bundle
 * is self-contained; what a run may not need (undici, execa, picomatch, the MCP server) is a file of its own, loaded on demand.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Built beside its place and moved there whole, so that nobody sees half of it. */
const place = join(root, "dist");
const dist = join(root, `dist.${process.pid}`);
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * Modules that become files of their own: the name in the sources, the file, and how the file hands it on. `calls`: these
 * functions of a module that is imported as a whole (`Name.method`: of its class), whose file is read when the first of
 * them is called. `compiled`: with the code that the build compiled, as bundles are loaded.
 */
const ON_DEMAND = {
  picomatch: { file: "picomatch.cjs", as: (name) => `module.exports = require(${name});`, calls: ["scan"] },
  re2js: { file: "re2js.cjs", as: (name) => `module.exports = require(${name});`, calls: ["RE2JS.compile"] },
  "undici/lib/dispatcher/client.js": { file: "undici-client.cjs", as: (name) => `module.exports = require(${name});` },
  unbash: { file: "unbash.cjs", as: (name) => `export { parse } from ${name};`, calls: ["parse"], compiled: true },
  execa: { file: "execa.cjs", as: (name) => `export { execa } from ${name};` },
  "@agent-run/effects/errands": { file: "errands.cjs", as: (name) => `export * from ${name};` },
  "@agent-run/authoring": { file: "authoring.cjs", as: (name) => `export * from ${name};` },
  "@agent-run/hooks/setup": { file: "setup.cjs", as: (name) => `export * from ${name};` },
  "@agent-run/mcp": { file: "mcp.cjs", as: (name) => `export * from ${name};` },
};

const common = {
  bundle: true,
  platform: "node",
  target: "node20.18",
  // What is loaded on demand is CommonJS: without this its first load would start Node's loader for modules.
  supported: { "dynamic-import": false },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
};

/** Leaves `import("@agent-run/mcp")` as an import of `./mcp.cjs` beside the bundle. */
const onDemand = (except) => ({
  name: "on-demand",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path }) => {
      if (path.startsWith("on-demand:")) return { path: path.slice("on-demand:".length), external: true };
      if (!(path in ON_DEMAND) || path === except) return undefined;
      const { file, calls } = ON_DEMAND[path];
      return calls === undefined ? { path: `./${file}`, external: true } : { path, namespace: "on-demand" };
    });
    onLoad({ filter: /.*/, namespace: "on-demand" }, ({ path }) => ({
      contents: atFirstCall(ON_DEMAND[path]),
      resolveDir: root,
    }));
  },
});

/**
 * The engine's loader for CommonJS, not the one for ECMAScript modules: that one asks what it runs in and builds a
 * `require` of its own, which a bundle has no use for and a run would wait for.
 */
const loader = "@jitl/quickjs-wasmfile-release-sync/emscripten-module";
/** What a bundler reads; what Node would load asks for its parts by names that a bundler does not see. */
const jsonc = createRequire(join(root, "packages/hooks/package.json")).resolve("jsonc-parser/lib/esm/main.js");
const alias = {
  [loader]: createRequire(join(root, "packages/vm/package.json")).resolve(loader),
  "jsonc-parser": jsonc,
};

/** A static import is needed at once; this stands in for a module of functions and requires it when one is called. */
function atFirstCall({ file, calls, compiled }) {
  const load = `require("on-demand:./${file}")`;
  const classes = [...new Set(calls.filter((name) => name.includes(".")).map((name) => name.split(".")[0]))];
  const members = calls.map((name) => `module.exports.${name} = (...words) => ${load}.${name}(...words);`);
  const loader = `import { loadBundle } from ${JSON.stringify(join(root, "packages/runtime/src/bundle.ts"))};`;
  if (compiled) {
    const exports = calls.map((name) => `export const ${name} = (...words) => load().${name}(...words);`);
    return [loader, `let loaded; const load = () => (loaded ??= loadBundle("${file}"));`, ...exports].join("\n");
  }
  return [
    `module.exports = (...words) => ${load}(...words);`,
    ...classes.map((name) => `module.exports.${name} = {};`),
    ...members,
  ].join("\n");
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
process.once("exit", () => rmSync(dist, { recursive: true, force: true }));
const define = {
  __IMAGE_SHA256__: JSON.stringify(await buildEngine()),
  __VERSION__: JSON.stringify(version),
  __TIERING__: JSON.stringify({ v8: process.versions.v8, budget: tieringBudget() }),
};
await Promise.all([
  cjs("packages/runtime/src/thread-entry.ts", "thread.cjs"),
  cjs("packages/runtime/src/worker.ts", "worker.cjs"),
  cjs("packages/runtime/src/guest/guest.ts", "guest.cjs"),
  cjs("packages/runtime/src/vault/process-entry.ts", "vault-process.cjs"),
  // Whole, as all of it is loaded at once.
  cjs("packages/vault/src/vault-entry.ts", "vault.cjs", {}, "@agent-run/effects/errands"),
  cjs("packages/vault/src/compartment/thread-entry.ts", "compartment.cjs"),
  cjs("packages/cli/src/command.ts", "command.cjs"),
  cjs("packages/cli/src/hook.ts", "hook.cjs"),
  cjs("packages/cli/src/main.ts", "agent-run.cjs", { banner: { js: "#!/usr/bin/env node" } }),
  esm("packages/runtime/src/library.ts", "index.js"),
  ...Object.entries(ON_DEMAND).map(([name, { file, as }]) => vendor(name, file, as)),
]);
cpSync(join(root, "presets"), join(dist, "presets"), { recursive: true });
compileBundles();
declareTypes();
rmSync(place, { recursive: true, force: true });
renameSync(dist, place);

function tieringBudget() {
  const { stdout } = spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8", maxBuffer: 2 ** 26 });
  return Number(/--wasm-tiering-budget=(\d+)/.exec(stdout)?.[1]);
}

/** Code caches of what every command loads: made by a run, so that they hold what a run compiles. */
function compileBundles() {
  const { status } = spawnSync(process.execPath, [join(root, "scripts/compile-bundles.cjs"), dist], {
    env: { HOME: dist, PATH: process.env.PATH },
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("the bundles could not be compiled");
}

/**
 * The packages' declarations, side by side; their names for each other become relative paths. Errors of types do not
 * stop a build, the type check does that; declarations are written all the same.
 */
function declareTypes() {
  spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "packages/runtime"], { cwd: root });
  for (const name of ["policy", "gate", "approvals", "audit", "effects", "vm", "runtime"]) {
    const from = join(root, "packages", name, "dist");
    const files = readdirSync(from, { recursive: true }).filter((file) => /(?<!\.test|\.fixture)\.d\.ts$/.test(file));
    for (const file of files) {
      const target = join(dist, "types", name, file);
      mkdirSync(dirname(target), { recursive: true });
      const up = relative(dirname(target), join(dist, "types"));
      const text = readFileSync(join(from, file), "utf8")
        .replace(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1")
        .replace(/(["'])@agent-run\/(\w+)(?:\/(\w+))?\1/g, (_, quote, other, file = "index") => {
          return `${quote}${up}/${other}/${file}.js${quote}`;
        });
      writeFileSync(target, text);
    }
  }
  writeFileSync(join(dist, "types/index.d.ts"), 'export * from "./runtime/library.js";\n');
}

/** Boots the VM once with all guest files and keeps its memory; the hashes go into the bundles. */
async function buildEngine() {
  const require = createRequire(join(root, "packages/vm/package.json"));
  const wasm = readFileSync(require.resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));
  const builder = join(dist, "build-image.mjs");
  await build({
    ...common,
    format: "esm",
    entryPoints: [join(root, "packages/vm/src/build-image.ts")],
    outfile: builder,
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const { buildImage } = await import(pathToFileURL(builder).href);
  const image = await buildImage(wasm, guestFiles());
  rmSync(builder);
  writeFileSync(join(dist, "quickjs.wasm"), wasm);
  writeFileSync(join(dist, "vm.image"), image);
  const hash = createHash("sha256").update(image).digest("hex");
  writeFileSync(join(dist, "vm.image.sha256"), `${hash}\n`);
  return hash;
}

/** The guest's side, in the order of its file names over both packages. */
function guestFiles() {
  const folders = ["packages/vm/src/guest", "packages/effects/src/guest"].map((folder) => join(root, folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".js"))
      .map((name) => ({ name, source: readFileSync(join(folder, name), "utf8") })),
  );
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function cjs(entry, file, extra = {}, except = undefined) {
  // `import.meta.url` has no counterpart in CommonJS; the file's own URL stands in for it.
  const shim = "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
  const banner = { js: `${extra.banner?.js ? `${extra.banner.js}\n` : ""}${shim}` };
  return build({
    ...common,
    ...extra,
    alias,
    format: "cjs",
    entryPoints: [join(root, entry)],
    outfile: join(dist, file),
    banner,
    define: { ...define, "import.meta.url": "__importMetaUrl" },
    plugins: [onDemand(except)],
  });
}

function esm(entry, file) {
  const banner = {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  };
  return build({
    ...common,
    format: "esm",
    entryPoints: [join(root, entry)],
    outfile: join(dist, file),
    banner,
    define,
    plugins: [onDemand()],
  });
}

function vendor(name, file, as) {
  const shim = "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
  return build({
    ...common,
    format: "cjs",
    alias,
    stdin: { contents: as(JSON.stringify(name)), resolveDir: join(root, "packages/runtime") },
    outfile: join(dist, file),
    banner: { js: shim },
    define: { ...define, "import.meta.url": "__importMetaUrl" },
    plugins: [onDemand(name)],
  });
}
