import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Policy } from "@agent-run/policy";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRuntime, loadPolicy, PolicyError } from "./library.ts";
import { openPolicy, readPolicy, trustPolicy } from "./open-policy.ts";

const machine = vi.hoisted(() => ({ path: "", owner: process.getuid?.() ?? 0 }));
vi.mock("./places.ts", async (original) => ({ ...(await original<object>()), MACHINE_POLICY: machine }));

vi.mock("@agent-run/effects", async (original) => ({
  ...(await original<object>()),
  detectJail: () => ({ ok: false, reason: "for the test" }),
}));

let folder: string;
const state = process.env.XDG_STATE_HOME;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-open-")));
  process.env.XDG_STATE_HOME = join(folder, "state");
  machine.path = join(folder, "machine.toml");
  machine.owner = process.getuid?.() ?? 0;
  write("agent-run.toml", '[filesystem]\nread_allow = ["**"]\nwrite_allow = ["**"]\n');
});
afterEach(() => {
  if (state === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = state;
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `version = 1\n${text}`);
  chmodSync(path, 0o644);
  return path;
}

const named = (ceilings: readonly string[] = []) =>
  openPolicy({ path: join(folder, "agent-run.toml"), cwd: folder, ceilings });

function read(opened: ReturnType<typeof openPolicy>, path: string): string {
  if (!opened.ok) return opened.problems.map(({ file, message }) => `${file}: ${message}`).join("\n");
  const target = { on: "fs.read", role: "read", kind: "path", value: path } as const;
  const { effect, layer } = Policy.revive(structuredClone(opened.data)).decideTarget(target);
  return `${effect} ${layer.replace(folder, "")}`;
}

function ownedByAnother(): void {
  write("machine.toml", "");
  machine.owner += 1;
}

test.each<[string, () => unknown]>([
  ["can not be read by anybody", () => symlinkSync("gone", machine.path)],
  ["is not of the machine's owner", ownedByAnother],
  ["may be written by others", () => chmodSync(write("machine.toml", ""), 0o666)],
  ["does not load", () => write("machine.toml", "nonsense = 1\n")],
])("under a policy of the machine that %s, nothing runs", (_, make) => {
  expect(named().ok).toBe(true);
  make();
  expect(named()).toMatchObject({ ok: false, problems: [{ file: machine.path }] });
  expect(openPolicy({ cwd: folder })).toMatchObject({ ok: false });
});

test("a policy of the machine bounds every policy: named, found and trusted, and none", async () => {
  write("machine.toml", `[filesystem]\nread_allow = ["${folder}/a/**"]\n`);
  expect(read(named(), join(folder, "a/x"))).toBe("allow policy");
  expect(read(named(), join(folder, "b/x"))).toBe("deny ceiling:/machine.toml");
  const opened = named();
  if (opened.ok) trustPolicy(opened.data);
  const found = openPolicy({ cwd: folder });
  expect(found).toMatchObject({ ok: true, banner: [expect.stringContaining("found and trusted")] });
  expect(read(found, join(folder, "b/x"))).toBe("deny ceiling:/machine.toml");
  rmSync(join(folder, "agent-run.toml"));
  expect(read(openPolicy({ cwd: folder }), join(folder, "a/x"))).toBe("deny policy");
});

test("trust is for the policy; another ceiling does not end it, and is not part of it", () => {
  const opened = named();
  if (opened.ok) trustPolicy(opened.data);
  write("machine.toml", "");
  expect(read(openPolicy({ cwd: folder }), join(folder, "a"))).toBe("deny ceiling:/machine.toml");
});

test("the policy of the machine is told before a named ceiling, and each holds", () => {
  write("machine.toml", `[filesystem]\nread_allow = ["${folder}/a/**", "${folder}/c/**"]\n`);
  const ceiling = write("ceiling.toml", '[filesystem]\nread_allow = ["/**"]\ndeny = ["**/c"]\n');
  const opened = named([ceiling]);
  expect(read(opened, join(folder, "a/x"))).toBe("allow policy");
  expect(read(opened, join(folder, "b/c"))).toBe("deny ceiling:/machine.toml");
  expect(read(opened, join(folder, "c/x"))).toBe("deny ceiling:/ceiling.toml");
});

test("what ceilings say that never happens is among what a policy is held to, and their tests are not", () => {
  const never = (id: string) => `[[never]]\nid = "${id}"\non = "fs.write"\n`;
  const asked = '[[test]]\ngiven = "fs.read a"\nexpect = "deny"\n';
  write("machine.toml", never("of the machine"));
  write("agent-run.toml", never("of the policy"));
  const opened = named([write("ceiling.toml", never("of a ceiling") + asked)]);
  const { nevers, tests } = opened.ok ? opened.checks : expect.unreachable("it does not load");
  expect(nevers.map(({ name }) => name)).toEqual(["of the policy", "of the machine", "of a ceiling"]);
  expect(tests).toEqual([]);
});

test("a policy that is only read is bounded by the machine's policy and by named ceilings, too", () => {
  const reading = (ceilings: readonly string[] = []) =>
    readPolicy({ cwd: folder, path: join(folder, "agent-run.toml"), ceilings });
  const layerAt = (path: string, ceilings: readonly string[]) => {
    const loaded = reading(ceilings);
    if (!loaded?.ok) return expect.unreachable("it does not load");
    const { effect, layer } = Policy.revive(loaded.data).decideTarget({
      on: "fs.read",
      role: "read",
      kind: "path",
      value: join(folder, path),
    });
    return `${effect} ${layer.replace(folder, "")}`;
  };
  expect(layerAt("b", [])).toBe("allow policy");
  write(
    "machine.toml",
    `[filesystem]\nread_allow = ["${folder}/a/**", "${folder}/c/**"]\n[[never]]\nid = "m"\non = "fs.write"\n`,
  );
  const ceiling = write(
    "ceiling.toml",
    '[filesystem]\nread_allow = ["/**"]\ndeny = ["**/c"]\n[[never]]\nid = "c"\non = "fs.write"\n',
  );
  expect(["a/x", "b", "c"].map((path) => layerAt(path, [ceiling]))).toEqual([
    "allow policy",
    "deny ceiling:/machine.toml",
    "deny ceiling:/ceiling.toml",
  ]);
  expect(reading([ceiling])).toMatchObject({ checks: { nevers: [] }, neversAbove: [{ name: "m" }, { name: "c" }] });
  expect(reading([join(folder, "gone.toml")])).toMatchObject({
    ok: false,
    problems: [{ file: join(folder, "gone.toml") }],
  });
  chmodSync(machine.path, 0o666);
  expect(reading()).toMatchObject({ ok: false, problems: [{ file: machine.path }] });
});

test("a ceiling that does not load, or is not there, is a problem, not no ceiling", () => {
  expect(named([join(folder, "gone.toml")])).toMatchObject({
    ok: false,
    problems: [{ message: "the policy can not be read: it does not exist" }],
  });
  expect(named([write("bad.toml", "nonsense = 1\n")])).toMatchObject({ ok: false, problems: [{ line: 2 }] });
});

test("the library is bound by the machine's policy, by ceilings of a load and by those of a runtime", async () => {
  const machinePath = write("machine.toml", '[filesystem]\nread_allow = ["/**"]\ndeny = ["**/m"]\n');
  const loading = write("loading.toml", '[filesystem]\nread_allow = ["/**"]\ndeny = ["**/l"]\n');
  const running = write("running.toml", '[filesystem]\nread_allow = ["/**"]\ndeny = ["**/r"]\n');
  const policy = await loadPolicy(join(folder, "agent-run.toml"), { ceiling: loading });
  await using runtime = await createRuntime({ policy, ceiling: [running], audit: join(folder, "audit") });
  const layers = ["a", "m", "l", "r"].map((path) => runtime.evaluate({ on: "fs.read", path }).layer);
  expect(layers).toEqual(["policy", `ceiling:${machinePath}`, `ceiling:${loading}`, `ceiling:${running}`]);
});

test("a runtime whose ceiling has not agreed to what the policy says is not made", async () => {
  write("agent-run.toml", '[subprocess]\nsandbox = "none"\n');
  const policy = await loadPolicy(join(folder, "agent-run.toml"));
  const made = createRuntime({ policy, ceiling: write("ceiling.toml", ""), audit: join(folder, "audit") });
  await expect(made).rejects.toThrow(PolicyError);
  await expect(made).rejects.toThrow(/agent-run.toml:3:\d+: `sandbox = "none"` needs the same line in the ceiling/);
});

test("a command runs only if it is the same file for the policy and for its ceiling", () => {
  const program = (name: string) => {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), 0o755);
  };
  program("tool");
  write("agent-run.toml", '[subprocess]\nallow_commands = ["true", "./tool"]\n');
  const exec = (ceiling: string, argv: readonly string[]) => {
    const opened = named([write("ceiling.toml", `[subprocess]\nallow_commands = ${ceiling}\n`)]);
    if (!opened.ok) return "problem";
    const found = opened.data.subprocess.commands.find(({ name }) => name === argv[0]);
    const target = { on: "subprocess.exec", role: "execute", kind: "command", value: found?.path ?? "none" } as const;
    const attrs = { command: argv[0] ?? "", argv };
    return Policy.revive(opened.data).decide({ v: 1, on: "subprocess.exec", targets: [target], attrs, labels: [] })
      .effect;
  };
  expect(exec('["true"]', ["true"])).toBe("allow");
  expect(exec(`["${folder}/tool"]`, ["./tool"])).toBe("allow");
  expect(exec('["tool"]', ["./tool"])).toBe("deny");
  expect(exec('["false"]', ["true"])).toBe("deny");
});

test("a command that the script may write under some condition is not found", () => {
  const text = 'version = 1\n[subprocess]\nallow_commands = ["bin/tool"]\n[[rule]]\nid = "small"\neffect = "allow"\n';
  const rule = (path: string) => `on = ["fs.write"]\npath = ["${path}"]\nwhen = { bytes = { le = "1KB" } }\n`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/tool"), "#!/bin/sh\n", { mode: 0o755 });
  const commandsWith = (path: string): readonly string[] => {
    writeFileSync(join(folder, "agent-run.toml"), text + rule(path));
    const opened = named();
    return opened.ok ? opened.data.subprocess.commands.map(({ name }) => name) : expect.unreachable("it does not load");
  };
  expect(commandsWith("out/**")).toEqual(["bin/tool"]);
  expect(commandsWith("bin/**")).toEqual([]);
});

test("a policy whose jail is not there does not open", () => {
  const commands = '[subprocess]\nallow_commands = ["true"]\n';
  write("agent-run.toml", `${commands}sandbox = "auto"\n`);
  expect(named().ok).toBe(true);
  expect(named([write("ceiling.toml", 'subprocess.sandbox = "bwrap"\n')])).toMatchObject({
    ok: false,
    problems: [{ file: join(folder, "ceiling.toml"), line: 2 }],
  });
  write("agent-run.toml", `${commands}sandbox = "bwrap"\n`);
  expect(named()).toMatchObject({ ok: false, problems: [{ line: 4 }] });
});
