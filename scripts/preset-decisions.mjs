/** Writes presets/DECISIONS.md: what every preset answers to the same requests. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allOf, fromSources } from "./from-sources.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { presetDecisions } = await fromSources(allOf(["packages/conformance/src/preset-decisions.ts"]));
const directory = join(root, "presets");
const names = readdirSync(directory).filter((name) => name.endsWith(".toml"));
const presets = new Map(names.map((name) => [name.slice(0, -5), readFileSync(join(directory, name), "utf8")]));
writeFileSync(join(directory, "DECISIONS.md"), presetDecisions(presets));
