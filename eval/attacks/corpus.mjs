/** The corpus and its referee, shared by the command line (`run.mjs`) and the tests. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
export const GRACE_MS = 250;
/**
 * Time limit of an attack, in milliseconds: short where it is to take long, longer where it must get to its end, and out
 * of reach of a slow machine where no time may end it.
 */
export const limitOf = ({ family, expect }) => {
  if (!expect.includes("E_LIMIT_TIME")) return 20_000;
  return ["hang", "native", "regex"].includes(family) ? 500 : 3000;
};
const CANARY = "canary-51c9e0";

/** Its time limit is that of the probe, which is no attack, and may be late on a busy machine; each attack has its own. */
const POLICY = `version = 1
[filesystem]
read_allow = ["**"]
[network]
http_get_allow = ["https://example.invalid"]
[subprocess]
allow_commands = ["git"]
[environment]
allow_vars = ["LANG"]
[runtime]
max_seconds = 60
max_memory = "32MiB"
max_output = "64KiB"
max_calls = 200
`;

/** What a fresh VM answers, whatever ran before. */
const PRISTINE = `
const names = Object.getOwnPropertyNames(globalThis).length;
return [typeof globalThis.leftover, ({}).polluted ?? null, [1, 2, 3].map((x) => x * 2), JSON.stringify({ a: 1 }), fs.exists("a.txt"), names];
`;

export function attacks() {
  return readdirSync(FOLDER, { recursive: true })
    .filter((path) => path.endsWith(".js"))
    .sort()
    .map((path) => {
      const script = readFileSync(join(FOLDER, path), "utf8");
      const [, expect] = /^\/\/ expect: (.*)$/m.exec(script);
      const name = path.slice(0, -3);
      return { name, family: name.slice(0, name.indexOf("/")), script, expect };
    });
}

/** A host with one file to read and a secret it must not tell. */
export async function makeHost({ createRuntime, loadPolicy }) {
  const folder = mkdtempSync(join(tmpdir(), "agent-run-attacks-"));
  writeFileSync(join(folder, "agent-run.toml"), POLICY);
  writeFileSync(join(folder, "a.txt"), "alpha");
  const audit = join(folder, "record");
  const environment = { LANG: "C", SECRET_OF_THE_HOST: CANARY, PATH: process.env.PATH ?? "" };
  const policy = await loadPolicy(join(folder, "agent-run.toml"));
  const runtime = await createRuntime({ policy, audit, environment });
  const pristine = JSON.stringify((await runtime.run(PRISTINE)).value);
  return {
    async attack(attack) {
      const { script, expect } = attack;
      const start = performance.now();
      const report = await runtime.run(script, { name: "attack.js", seed: 1, maxSeconds: limitOf(attack) / 1000 });
      const ms = performance.now() - start;
      const after = JSON.stringify((await runtime.run(PRISTINE)).value);
      return { ms, report, problem: problemOf({ report, expect, isPristine: after === pristine }) };
    },
    async close() {
      await runtime.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function problemOf({ report, expect, isPristine }) {
  if (!isPristine) return "the next run was not pristine";
  if (JSON.stringify(report).includes(CANARY)) return "a secret of the host is in the report";
  if (expect.split("|").some((one) => matches(report, one))) return null;
  return `ended with ${JSON.stringify(report.error ?? report.value)?.slice(0, 200)} instead of ${expect}`;
}

function matches({ error, value, exitCode }, expect) {
  if (expect === "value") return error === null;
  if (expect.startsWith("value ")) return error === null && JSON.stringify(value) === expect.slice(6);
  if (error === null) return false;
  if (expect === "error") return error.code === null && exitCode === 1;
  if (expect.startsWith("error ")) return error.code === null && error.name === expect.slice(6);
  return error.code === expect || (error.code === null && error.name === expect);
}
