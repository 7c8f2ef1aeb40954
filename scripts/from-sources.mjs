/**
 * What TypeScript modules of this checkout export, for scripts beside the build: bundled as the build bundles, in memory.
 * `contents`: a module in TypeScript, whose paths begin at the root.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export async function fromSources(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT, loader: "ts", sourcefile: "from-sources.ts" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.18",
    minifySyntax: true,
    write: false,
    logLevel: "warning",
  });
  const built = { exports: {} };
  const parameters = ["module", "exports", "require"];
  compileFunction(outputFiles[0].text, parameters, { filename: "from-sources.cjs" })(
    built,
    built.exports,
    createRequire(import.meta.url),
  );
  return built.exports;
}

/** Each of these files, in one module: classes and tables that they share are the same. */
export const allOf = (files) => files.map((file) => `export * from ${JSON.stringify(`./${file}`)};`).join("\n");
