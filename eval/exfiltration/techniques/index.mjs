/**
 * Reads the techniques: files of scripts, each script after a line `//# id` and lines of the form `// name: value`:
 *
 *   title    what it tries
 *   rows     rows of the catalogue of attacks that it is an instance of (`rows.mjs`), e.g. `3` or `24 39`
 *   aegis    its number among the twelve techniques that Aegis was tested with
 *   policy   variant of the policy (`policies.mjs`); `base` without it
 *   via      `cli` (one JSON report, without it), `text` (the plain command), `mcp`; several with spaces
 *   expect   what must be in the output, separated by commas: codes, words; `value`: the run must end well
 *   reaches  requests that must get to a server the agent does not see: `local GET /value`, `$SECRET`
 *   never    what must be nowhere in the transcript, separated by commas
 *   gaps     when the public host must be asked: `at once, a tick later`
 *   secrets  `header-safe`: the secret itself is used at a brokered slot (`secrets.mjs` says why that needs its own five)
 *   setup    what is arranged outside (`setups.mjs`)
 *   cancel   milliseconds after which an MCP client cancels
 *
 * A line `//> next run` parts scripts that run one after another in the same world.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { POLICY_NAMES } from "../policies.mjs";
import { SETUPS } from "../setups.mjs";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const HEADS = [
  "title",
  "rows",
  "aegis",
  "policy",
  "via",
  "expect",
  "reaches",
  "never",
  "gaps",
  "secrets",
  "setup",
  "cancel",
];

export function techniques() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));
  const list = files
    .sort()
    .flatMap((name) => techniquesIn(name.slice(0, -3), readFileSync(`${FOLDER}${name}`, "utf8")));
  const twice = list.find(({ id }, index) => list.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) throw new Error(`two techniques are named ${twice.id}`);
  return list;
}

/** The parts of a file; `theme` is its name. */
export const techniquesIn = (theme, text) =>
  text
    .split(/^\/\/# /m)
    .slice(1)
    .map((part) => techniqueOf(theme, part));

function techniqueOf(theme, part) {
  const [id, ...lines] = part.split("\n");
  const heads = {};
  while (lines.length > 0) {
    const [, name, value] = /^\/\/ (\w+): (.*)$/.exec(lines[0]) ?? [];
    if (!HEADS.includes(name)) break;
    heads[name] = value;
    lines.shift();
  }
  const technique = {
    ...{ id: id.trim(), theme, title: heads.title, rows: numbers(heads.rows), aegis: numbers(heads.aegis) },
    policy: heads.policy ?? "base",
    via: (heads.via ?? "cli").split(" "),
    expect: words(heads.expect),
    reaches: words(heads.reaches),
    never: words(heads.never),
    gaps: heads.gaps ?? null,
    secrets: heads.secrets ?? "all",
    setup: heads.setup ?? null,
    cancelAfterMs: heads.cancel === undefined ? null : Number(heads.cancel),
    scripts: lines.join("\n").split(/^\/\/> next run\n/m),
  };
  const wrong =
    technique.title === undefined ||
    !POLICY_NAMES.includes(technique.policy) ||
    technique.via.some((via) => !["cli", "text", "mcp"].includes(via)) ||
    !["all", "header-safe"].includes(technique.secrets) ||
    (technique.setup !== null && !(technique.setup in SETUPS));
  if (wrong) throw new Error(`the technique ${technique.id} in ${theme}.js has a wrong head`);
  return technique;
}

const words = (text = "") =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

const numbers = (text = "") => text.split(" ").filter(Boolean).map(Number);
