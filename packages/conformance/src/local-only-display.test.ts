/** Local-only values as an agent sees them, through the built command: display forms, and nothing else of them. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { KEYS, LocalOnlyWorld, leakIn, TICKS } from "./local-only.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let world: LocalOnlyWorld;
beforeAll(async () => {
  world = await LocalOnlyWorld.start(
    ({ local }) => `version = 1
[filesystem]
read_allow = ["**"]
write_allow = ["out/**"]
local_only_read = ["private/**"]
local_only_write = ["private/**"]
[network]
local_only_hosts = ["${local}"]
[environment]
local_only_vars = ["INTERNAL_URL"]
[local_only]
${TICKS}
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
`,
  );
});
afterAll(() => world.close());

const URL = "[sealed env:INTERNAL_URL]";
const NOTE = "[sealed file:private/note.md]";

describe("a sealed value is shown by where it comes from", () => {
  test.each([
    ["print(url)", URL],
    ["print(`at ${url}!`)", `at ${URL}!`],
    ["console.log('%s', url, [url], { url })", `${URL} [ ${URL} ] { url: ${URL} }`],
    ["console.log(JSON.stringify({ url }))", `{"url":"${URL}"}`],
    ["print(env.read('stripe'), env.read('STRIPE_KEY'))", "[sealed secret:stripe] [sealed secret:stripe]"],
    ["print(url.map((v) => v.length))", "[sealed from env:INTERNAL_URL]"],
    [
      "print(seal.compute([url, fs.read('private/note.md')], (a, b) => a + b))",
      "[sealed from env:INTERNAL_URL, file:private/note.md]",
    ],
    ["print(JSON.parse(fs.read('private/config.json')).db.password)", "[sealed from file:private/config.json]"],
    ["print(net.httpGet('$LOCAL/').json().state)", "[sealed from host:localhost:PORT]"],
    ["print(url.label, seal.is(url), seal.is('x'))", "[ 'local' ] true false"],
  ])("%s", async (code, shown) => {
    const { stdout, error } = await world.report(`const url = env.read("INTERNAL_URL"); ${code}`);
    expect(error).toBe(null);
    expect(stdout).toBe(`${shown.replace("PORT", String(world.servers.local.port))}\n`);
  });

  test("in the value that a script returns", async () => {
    const { value } = await world.report('const a = fs.read("private/note.md"); return { a, b: [`<${a}>`] }');
    expect(value).toEqual({ a: NOTE, b: [`<${NOTE}>`] });
  });

  test("in the error that ends it", async () => {
    const { error, exitCode } = await world.report('throw new TypeError(`bad note: ${fs.read("private/note.md")}`)');
    expect(exitCode).toBe(1);
    expect(error).toMatchObject({ message: `bad note: ${NOTE}` });
  });

  test("and by no token, which is as long for each value as for any other", async () => {
    const { stdout, value } = await world.report(
      'const lengths = [env.read("INTERNAL_URL"), fs.read("private/note.md")].map((v) => `${v}`.length); print(`${fs.read("private/note.md")}`); return lengths',
    );
    expect(stdout).toBe(`${NOTE}\n`);
    expect(value).toEqual([39, 39]);
  });
});

describe("files", () => {
  test("that are local-only answer sealed to stat, exists, list, glob and readJson", async () => {
    const { value, stdout } = await world.report(`
      const all = [fs.stat("private/note.md"), fs.exists("private/note.md"), fs.exists("private/no-such"),
        fs.list("private"), fs.glob("private/**"), fs.readJson("private/config.json"), fs.stat("private/note.md").size];
      print(...all);
      return all.map(seal.is);`);
    expect(value).toEqual([true, true, true, true, true, true, true]);
    expect(stdout).not.toContain("note.md,");
    expect(stdout).not.toContain("config.json,");
  });

  test("show nothing of themselves in a listing or a glob of the public directory around them", async () => {
    const { value } = await world.report(`
      return { names: fs.list(".").map(({ name }) => name), walk: fs.glob("**") };`);
    expect(value).toEqual({ names: ["pub"], walk: ["pub/a.txt"] });
  });

  test("that are written with sealed data hold the plaintext, for people, and mode 0600", async () => {
    const { error } = await world.report(`
      fs.write("private/copy.md", \`copy: \${fs.read("private/note.md")}\`);
      fs.write("private/count.txt", fs.readJson("private/config.json").count);`);
    expect(error).toBe(null);
    expect(world.place.read("private/copy.md")).toBe(`copy: ${KEYS.note}`);
    expect(world.place.read("private/count.txt")).toBe("7");
    expect(statSync(join(world.place.directory, "private/copy.md")).mode & 0o777).toBe(0o600);
  });
});

describe("--seed", () => {
  const script = 'return [Math.random(), [...`${env.read("INTERNAL_URL")}`].map((c) => c.charCodeAt(0))]';
  const draw = async (...args: string[]) => (await world.report(script, args)).value;

  test("fixes tokens and chance, which differ from run to run without it", async () => {
    const [first, second, other] = [await draw("--seed", "7"), await draw("--seed", "7"), await draw("--seed", "8")];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    expect(await draw()).not.toEqual(await draw());
  });

  test("says on standard error what that is for, and only where something is sealed", async () => {
    const run = (file: string) =>
      world.place.run(["--policy", file, "--seed", "7", "-"], { stdin: "return 1", env: world.env });
    world.place.write("open.toml", "version = 1\n");
    expect((await run("agent-run.toml")).stderr).toContain("--seed fixes the placeholders of sealed values");
    expect((await run("open.toml")).stderr).not.toContain("placeholders");
  });
});

test("neither the record nor standard error holds a value; the record has no sizes and times of sealed calls", async () => {
  const script = 'const a = fs.read("private/note.md"); fs.write("private/copy.md", a); print(a); throw a';
  const { stderr, stdout } = await world.place.run(["--policy", "agent-run.toml", "-"], {
    stdin: script,
    env: world.env,
  });
  const record = readFileSync(world.place.records().at(-1) ?? "", "utf8");
  expect(leakIn(stderr + stdout + record)).toBe(null);
  expect(stderr).toContain("uncaught [sealed file:private/note.md]");
  const outcomes = record.split("\n").filter((line) => line.includes('"kind":"outcome"'));
  expect(outcomes.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ call: 1, ok: true, ms: 0, bytes: 0 }),
    expect.objectContaining({ call: 2, ok: true, ms: 0, bytes: 0 }),
  ]);
});
