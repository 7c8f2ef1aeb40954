/** Writes presets/DECISIONS.md: what every preset answers to the same requests. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { outputFiles } = await build({
  entryPoints: [join(root, "packages/conformance/src/preset-decisions.ts")],
  bundle: true,
  platform: "node",
  format: "cjs",
  write: false,
  logLevel: "warning",
});
const built = { exports: {} };
new Function("module", "exports", "require", outputFiles[0].text)(
  built,
  built.exports,
  (await import("node:module")).createRequire(import.meta.url),
);
const directory = join(root, "presets");
const names = readdirSync(directory).filter((name) => name.endsWith(".toml"));
const presets = new Map(names.map((name) => [name.slice(0, -5), readFileSync(join(directory, name), "utf8")]));
writeFileSync(join(directory, "DECISIONS.md"), built.exports.presetDecisions(presets));
