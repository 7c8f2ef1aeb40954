/**
 * Switches off one rule at a time and asks whether the suite notices: a copy of the checkout, one replacement, a build,
 * the techniques that should kill it. `node eval/exfiltration/mutants.mjs [ID...]`; prints a table for the docs and
 * exits with 1 if a mutant survived or could not be made.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "./mutants-list.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const wanted = process.argv.slice(2);
const rows = MUTANTS.filter(({ id }) => wanted.length === 0 || wanted.includes(id)).map((mutant) => {
  const row = { ...mutant, ...fateOf(mutant) };
  console.error(`${row.fate} ${mutant.id}${row.by === "" ? "" : `: ${row.by}`}`);
  return row;
});
console.log(tableOf(rows));
process.exitCode = rows.every(({ fate }) => fate === "killed" || fate === "pending") ? 0 : 1;

/** `{ fate, by }`: killed by which techniques; survived; pending; or broken, and why. */
function fateOf(mutant) {
  if (mutant.file === null) return { fate: "pending", by: "" };
  // What fails without the mutant does not kill it.
  const red = judged(ROOT, mutant.killers).filter(({ verdict }) => verdict !== "identical");
  if (red.length > 0) return { fate: "broken", by: `${red.map(({ id }) => id).join(", ")} fail without it` };
  const copy = mkdtempSync(join(tmpdir(), "agent-run-mutant-"));
  try {
    copyCheckout(copy);
    const problem = patch(copy, mutant) ?? build(copy);
    if (problem !== null) return { fate: "broken", by: problem };
    const results = judged(copy, mutant.killers);
    const by = results.filter(({ verdict }) => verdict === "LEAK" || verdict === "UNEXPECTED");
    const names = by.map(({ id, via, verdict }) => `${id}/${via} (${verdict})`).join(", ");
    return by.length > 0 ? { fate: "killed", by: names } : { fate: "survived", by: `${results.length} techniques` };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Files that git knows of or would add. Packages are linked to the copy's own, everything else to the original's. */
function copyCheckout(copy) {
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

function patch(copy, { file, find, replace }) {
  const path = join(copy, file);
  const parts = readFileSync(path, "utf8").split(find);
  if (parts.length !== 2) return `\`find\` is ${parts.length - 1} times in ${file}`;
  writeFileSync(path, parts.join(replace));
  return null;
}

function build(copy) {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: copy, encoding: "utf8" });
  return status === 0 ? null : `does not build: ${stderr.slice(-300)}`;
}

function judged(copy, killers) {
  const only = killers.flatMap((name) => ["--only", `=${name}`]);
  const words = [join(copy, "eval/exfiltration/run.mjs"), "--json", ...only];
  const { stdout } = spawnSync(process.execPath, words, { cwd: copy, encoding: "utf8", maxBuffer: 2 ** 28 });
  return JSON.parse(stdout).results;
}

function tableOf(rows) {
  const lines = rows.map(({ id, rule, fate, by }) => `| ${id} | ${rule} | ${fate} | ${by.replaceAll("|", "\\|")} |`);
  return ["| mutant | rule | fate | by |", "| --- | --- | --- | --- |", ...lines].join("\n");
}
