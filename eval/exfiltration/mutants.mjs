/**
 * Switches off one rule at a time and asks whether the suite notices: a copy of the checkout, the replacements, a build,
 * the techniques that should kill it. `node eval/exfiltration/mutants.mjs [--markdown] [ID...]`; exits with 1 if a mutant
 * survived or could not be made. `--markdown` writes docs/exfiltration-mutants.md; rows of mutants that were not named stay.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "./mutants-list.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = join(ROOT, "docs/exfiltration-mutants.md");
/** The first two differ in every dimension of the world. */
const SECRETS = 2;

const words = process.argv.slice(2);
const isPage = words.includes("--markdown");
const ids = words.filter((word) => word !== "--markdown");
const unknown = ids.find((id) => MUTANTS.every((mutant) => mutant.id !== id));
if (unknown !== undefined) throw new Error(`there is no mutant ${unknown}`);

const copy = mkdtempSync(join(tmpdir(), "agent-run-mutant-"));
try {
  copyCheckout();
  const rows = MUTANTS.filter(({ id }) => ids.length === 0 || ids.includes(id)).map((mutant) => {
    const row = { ...mutant, ...fateOf(mutant) };
    console.error(`${row.fate} ${mutant.id}: ${row.by}`);
    return row;
  });
  if (isPage) writeFileSync(PAGE, pageOf(withOthers(rows)));
  console.log(tableOf(rows));
  process.exitCode = rows.every(({ fate }) => fate === "killed") ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** `{ fate, by }`: killed by which techniques; survived; or broken, and why. */
function fateOf(mutant) {
  // What fails without the mutant does not kill it.
  const red = judged(ROOT, mutant).filter(({ verdict }) => verdict !== "identical");
  if (red.length > 0) return { fate: "broken", by: `${namesOf(red)} without it` };
  const files = new Map(mutant.edits.map(({ file }) => [file, readFileSync(join(ROOT, file), "utf8")]));
  try {
    const problem = patch(mutant) ?? build();
    if (problem !== null) return { fate: "broken", by: problem };
    const results = judged(copy, mutant);
    const killers = results.filter(({ verdict }) => verdict === "LEAK" || verdict === "UNEXPECTED");
    if (killers.length === 0) return { fate: "survived", by: `${results.length} techniques` };
    return { fate: "killed", by: namesOf(killers) };
  } finally {
    for (const [file, text] of files) writeFileSync(join(copy, file), text);
  }
}

function namesOf(results) {
  return results.map(({ id, via, verdict }) => `${id}/${via} (${verdict})`).join(", ");
}

/** Files that git knows of or would add. Packages are linked to the copy's own, everything else to the original's. */
function copyCheckout() {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const path of list.toString().split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(ROOT, path), join(copy, path));
  }
  const [from, to] = [join(ROOT, "node_modules"), join(copy, "node_modules")];
  mkdirSync(join(to, "@agent-run"), { recursive: true });
  for (const name of readdirSync(from).filter((entry) => entry !== "@agent-run" && entry !== "agent-run")) {
    symlinkSync(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(from, "@agent-run"))) {
    symlinkSync(join(copy, "packages", name), join(to, "@agent-run", name));
  }
}

/** All edits of a file, one after another. */
function patch({ edits }) {
  if (edits.length === 0) return "it changes nothing";
  for (const { file, find, replace } of edits) {
    const path = join(copy, file);
    const parts = readFileSync(path, "utf8").split(find);
    if (parts.length !== 2) return `\`${find}\` is ${parts.length - 1} times in ${file}`;
    writeFileSync(path, parts.join(replace));
  }
  return null;
}

function build() {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: copy, encoding: "utf8" });
  return status === 0 ? null : `does not build: ${stderr.slice(-300)}`;
}

/** Looked at once: a rule that is off shows at the first look. */
function judged(checkout, { killers, secrets = SECRETS }) {
  const only = killers.flatMap((name) => ["--only", `=${name}`]);
  const options = ["--json", "--thorough", "--retries", checkout === ROOT ? "1" : "0", "--secrets", String(secrets)];
  const command = [join(checkout, "eval/exfiltration/run.mjs"), ...options, ...only];
  const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (!stdout.startsWith("{")) throw new Error(`the suite said ${stdout}${stderr}`.slice(0, 1000));
  return JSON.parse(stdout).results;
}

/** In the order of the list, with what the page says of the others. */
function withOthers(rows) {
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  return MUTANTS.map((mutant) => {
    const row = rows.find(({ id }) => id === mutant.id);
    const [, fate = "not run", by = ""] =
      new RegExp(`^\\| ${mutant.id} \\| .* \\| (\\w+) \\| (.*) \\|$`, "m").exec(page) ?? [];
    return row ?? { ...mutant, fate, by };
  });
}

function tableOf(rows) {
  const lines = rows.map(({ id, rule, guards, fate, by }) => {
    const text = guards === undefined ? rule : `${rule} (guarded twice: ${guards})`;
    return `| ${id} | ${text} | ${fate} | ${by} |`;
  });
  return ["| mutant | rule | fate | by |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function pageOf(rows) {
  const killed = rows.filter(({ fate }) => fate === "killed").length;
  return `# Mutants of the exfiltration suite

Generated by \`node eval/exfiltration/mutants.mjs --markdown\` from a built checkout; do not edit.

Each mutant switches off one rule that [the guarantee](threat-model.md) rests on; the suite must notice. *LEAK*: what can be seen depends on the
secret. *UNEXPECTED*: the technique did not end as it must, so that the rule's absence shows although nothing depends on the secret yet. A rule that is
guarded twice has both guards off. ${killed} of ${rows.length} are killed.

${tableOf(rows)}
`;
}
