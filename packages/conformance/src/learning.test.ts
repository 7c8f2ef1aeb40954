/** Learning runs and `policy learn` from outside: nothing happens, all of it is on record, and what is learned suffices. */
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000 });

const SCRIPT = `
for (const name of fs.glob("src/**/*.ts")) print(fs.read(name).length);
fs.write("out/new/report.md", "a report", { createParents: true });
fs.write("out/old.md", " and more", { append: true });
fs.copy("out/old.md", "out/copy.md");
fs.move("src/a.ts", "src/moved.ts");
fs.delete("data", { recursive: true });
print(fs.read("out/old.md"), fs.read("src/moved.ts"), fs.exists("data/x.txt"), env.read("LANG"));
return fs.list("out").map(({ name }) => name);
`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace({
    "src/a.ts": "a",
    "src/b.ts": "bb",
    "src/c.ts": "ccc",
    "src/.env": "no",
    "out/old.md": "old",
    "data/x.txt": "x",
    "data/deep/y.txt": "y",
    "s.js": SCRIPT,
  });
  symlinkSync("src", join(place.directory, "link"));
});
afterEach(() => place.remove());

/** Everything of a tree that a program could have changed, its times included. */
function fingerprint(directory: string): string {
  const hash = createHash("sha256");
  const look = (path: string): void => {
    const stats = lstatSync(path);
    hash.update(JSON.stringify([path, stats.mode, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs]));
    if (stats.isFile()) hash.update(readFileSync(path));
    if (stats.isDirectory()) for (const name of readdirSync(path).sort()) look(join(path, name));
  };
  look(directory);
  return hash.digest("hex");
}

/** Where this run keeps its copy; all others of the machine have theirs elsewhere. */
const copies = (): string[] => readdirSync(place.home);

interface Recorded {
  readonly kind: string;
  readonly mode?: string;
  readonly op?: string;
  readonly decision?: string;
  readonly learned?: boolean;
  readonly rule?: { readonly id: string };
}

const recordOf = (path: string): Recorded[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Recorded);

const lastRecord = (): Recorded[] => recordOf(place.records().at(-1) ?? "");

describe("a learning run", () => {
  test("does what a script wants, changes nothing, says so, and is on the record as what it is", async () => {
    const [before, others] = [fingerprint(place.directory), copies()];
    const { code, stdout, stderr } = await place.run(["--learn", "s.js"], { env: { TMPDIR: place.home } });
    expect([code, stdout]).toEqual(
      [0, "1\n2\n3\nold and more a false C.UTF-8\n"].map((one) =>
        one === 0 ? 0 : expect.stringContaining("old and more a false"),
      ),
    );
    expect(stderr).toContain("agent-run: a learning run: files are changed in a copy that is thrown away");
    expect(stderr).toMatch(/\d+ calls allowed \(\d+ in this learning run only\), 0 denied/);
    expect(fingerprint(place.directory)).toBe(before);
    expect(copies()).toEqual(others);
    expect((await place.run(["audit", "verify", ...place.records()])).code).toBe(0);
    const [start, ...rest] = lastRecord();
    expect(start).toMatchObject({ kind: "run.start", mode: "learn", network: "none" });
    const intents = rest.filter(({ kind }) => kind === "intent");
    expect(intents.every(({ learned, rule }) => learned === true && rule?.id === "builtin.learning")).toBe(true);
  });

  test("refuses requests, commands and protected things, and puts on record what was wanted", async () => {
    const script = `
      const codes = [];
      const attempt = async (call) => { try { await call(); codes.push("done"); } catch (error) { codes.push(error.code); } };
      await attempt(() => fetch("https://example.com/", { method: "POST", body: "x" }));
      await attempt(() => fetch("https://example.com/"));
      await attempt(() => subprocess.exec(["git", "push"]));
      await attempt(() => fs.write("${place.base}/elsewhere", "x"));
      await attempt(() => fs.read("src/.env"));
      await attempt(() => fs.write(".git/hooks/x", "x", { createParents: true }));
      return codes;`;
    place.write("wants.js", script);
    const { stdout } = await place.run(["--learn", "--json", "wants.js"]);
    expect(JSON.parse(stdout)).toMatchObject({ mode: "learn", value: Array(6).fill("E_POLICY_DENIED") });
    const rules = lastRecord()
      .filter(({ kind }) => kind === "intent")
      .map(({ rule }) => rule?.id);
    expect(rules).toEqual([...Array(4).fill("builtin.learning"), "builtin.env_files", "builtin.git"]);
    expect((await place.run(["policy", "learn", "--from", ...place.records()])).stdout).not.toContain("[[rule]]");
  });

  test("sends GET, and nothing else, where the network may be learned", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end("yes");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    place.write("p.toml", `version = 1\n[network]\nhttp_get_allow = ["${origin}"]\nhttp_post_allow = ["${origin}"]\n`);
    const script = `
      let code = "sent";
      const answer = await (await fetch("${origin}/a")).text();
      try { await fetch("${origin}/b", { method: "POST" }); } catch (error) { code = error.code; }
      return [answer, code];`;
    place.write("net.js", script);
    const run = async (...more: string[]) =>
      JSON.parse((await place.run(["--learn", ...more, "--json", "--policy", "p.toml", "net.js"])).stdout);
    expect(await run("--learn-network")).toMatchObject({ value: ["yes", "E_POLICY_DENIED"] });
    expect(await run()).toMatchObject({ exitCode: 2, error: { code: "E_POLICY_DENIED" } });
    server.close();
    expect(asked).toEqual(["GET /a"]);
    expect((await place.run(["--learn-network", "net.js"])).code).toBe(5);
  });

  test("starts no secret's command, and uses nothing local-only", async () => {
    place.write(
      "p.toml",
      `version = 1
[filesystem]
local_only_read = ["data/**"]
[[secret]]
name = "key"
command = ["touch", "${place.base}/started"]
[[secret.use]]
host = "api.example.com"
methods = ["GET"]
paths = ["/**"]
slot = "header:authorization"
response = "sealed"
`,
    );
    const { stdout } = await place.run(["--learn", "--json", "--policy", "p.toml", "-"], {
      stdin: 'return fs.read("data/x.txt")',
    });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "E_POLICY_DENIED", rule: { id: "builtin.learning.local_only" } },
    });
    expect(readdirSync(place.base)).not.toContain("started");
  });

  test("reads thousands of files", async () => {
    mkdirSync(join(place.directory, "many"));
    for (let n = 0; n < 3000; n++) writeFileSync(join(place.directory, `many/f${n}.json`), `${n}`);
    const script = 'let sum = 0; for (const name of fs.glob("many/*.json")) sum += Number(fs.read(name)); return sum;';
    const policy = place.write("p.toml", "version = 1\n[runtime]\nmax_calls = 5000\n");
    const { stdout } = await place.run(["--learn", "--json", "--policy", policy, "-"], { stdin: script });
    expect(JSON.parse(stdout).value).toBe((2999 * 3000) / 2);
    const learned = await place.run(["policy", "learn", "--from", place.records().at(-1) ?? "", "--count", "--json"]);
    expect(JSON.parse(learned.stdout).rules).toMatchObject([
      { on: "fs.read", calls: 3000, generalised: { pattern: "many/*.json", observed: 3000, existing: 3000 } },
    ]);
  });
});

describe("what is learned", () => {
  test("lets the same script do the same, and nothing else; then the policy can be no tighter", async () => {
    await place.run(["--learn", "s.js"]);
    const learned = await place.run([
      "policy",
      "learn",
      "--from",
      join(place.state, "agent-run"),
      "--output",
      "learned.toml",
    ]);
    expect([learned.code, learned.stderr]).toEqual([0, expect.stringContaining("learned")]);
    expect((await place.run(["policy", "learn", "--from", ...place.records(), "--output", "learned.toml"])).code).toBe(
      5,
    );
    const other = (text: string) => place.run(["--json", "--policy", "learned.toml", "-"], { stdin: text });
    for (const text of ['fs.read("s.js")', 'fs.write("out/other.md", "")', 'fs.delete("src/b.ts")', 'env.read("HOME")'])
      expect(JSON.parse((await other(text)).stdout).error.code).toMatch(/E_POLICY_DENIED|E_CAPABILITY/);
    const real = await place.run(["--json", "--audit", "audit", "--policy", "learned.toml", "s.js"]);
    expect(JSON.parse(real.stdout)).toMatchObject({ ok: true, value: ["old.md"] });
    expect([place.read("out/old.md"), place.has("data")]).toEqual(["old and more", false]);
    // Names are shown where they may be read, and the record does not say which were.
    expect(place.read("learned.toml")).toContain("# a listing was seen, which shows only names that other rules grant");
    const tight = await place.run(["policy", "tighten", "--policy", "learned.toml", "--from", "audit", "--json"]);
    expect(JSON.parse(tight.stdout).proposals.filter(({ kind }: { kind: string }) => kind === "remove")).toEqual([]);
  });

  test("is not learned from a record that was altered, and a torn one is left out", async () => {
    await place.run(["--learn", "-"], { stdin: 'fs.read("src/a.ts")' });
    const [file = ""] = place.records();
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replaceAll("src/a.ts", "src/b.ts"));
    const altered = await place.run(["policy", "learn", "--from", file]);
    expect([altered.code, altered.stderr]).toEqual([5, expect.stringContaining("was altered: record")]);
    writeFileSync(file, text.split("\n").slice(0, -2).join("\n"));
    const torn = await place.run(["policy", "learn", "--from", file, "--json"]);
    expect(JSON.parse(torn.stdout)).toMatchObject({ rules: [], runs: { read: 0, leftOut: [{ file }] } });
    expect((await place.run(["policy", "learn", "--from", join(place.base, "none")])).code).toBe(5);
    expect((await place.run(["policy", "learn", "--from", file, "--expires", "2020-01-01"])).code).toBe(5);
  });

  test("stays under a ceiling, and above a base policy", async () => {
    place.write("ceiling.toml", 'version = 1\n[filesystem]\nread_allow = ["src/**"]\n');
    place.write("base.toml", 'version = 1\n[filesystem]\nread_allow = ["src/a.ts"]\n');
    await place.run(["--learn", "-"], {
      stdin: 'for (const name of ["src/a.ts", "src/b.ts", "data/x.txt"]) fs.read(name)',
    });
    const learned = await place.run([
      "policy",
      "learn",
      "--from",
      ...place.records(),
      "--ceiling",
      "ceiling.toml",
      "--policy",
      "base.toml",
      "--json",
    ]);
    const report = JSON.parse(learned.stdout);
    expect(report.rules.map(({ keys }: { keys: object }) => keys)).toEqual([{ path: ["src/b.ts"] }]);
    expect(report).toMatchObject({ alreadyGranted: 1, leftOut: [{ why: "the ceiling denies it (`default`)" }] });
    expect(report.text).toContain('inherits = ["./base.toml"]');
  });

  test("tightens a policy into a new file that loads", async () => {
    const text = 'version = 1\n[filesystem]\nread_allow = ["src/**", "old/**"] # ours\n';
    place.write("p.toml", text);
    await place.run(["--policy", "p.toml", "-"], { stdin: 'fs.read("src/a.ts")' });
    const shown = await place.run([
      "policy",
      "tighten",
      "--policy",
      "p.toml",
      "--from",
      ...place.records(),
      "--output",
      "tight.toml",
    ]);
    expect(shown.stdout).toContain("@@ line 3: filesystem.read_allow[1] @@ no allowed call used it in 1 run");
    expect([place.read("p.toml"), place.read("tight.toml")]).toEqual([
      text,
      text.replace('"src/**", "old/**"', '"src/a.ts"'),
    ]);
  });
});

test("the example of the docs is what happens", async () => {
  const page = readFileSync(join(ROOT, "docs/learning.md"), "utf8");
  const [script, commands, policy] = [...page.matchAll(/^```(?:js|sh|toml)\n(.*?)^```$/gms)].map(
    ([, text = ""]) => text,
  );
  rmSync(join(place.directory, "out"), { recursive: true });
  place.write("report.js", script ?? "");
  for (const name of ["monday", "tuesday", "friday"]) place.write(`notes/${name}.md`, `# ${name}\n`);
  const [first, second, third] = (commands ?? "")
    .trim()
    .split("\n")
    .map((line) => line.split(" ").slice(1));
  const report = "# friday\n# monday\n# tuesday";
  expect((await place.run(first ?? [])).stdout).toBe(`${report}\n`);
  expect(place.has("out/report.md")).toBe(false);
  expect((await place.run(second ?? [])).code).toBe(0);
  const undated = (text: string) => text.replace(/\d{4}-\d\d-\d\d/g, "DATE");
  expect(undated(place.read("learned.toml"))).toBe(undated(policy ?? ""));
  expect((await place.run(third ?? [])).stdout).toBe(`${report}\n`);
  expect(place.read("out/report.md")).toBe(report);
});
