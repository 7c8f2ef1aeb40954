/** What a jail shows of a tree, and how. (Longer than other files: every case stands on one tree.) */
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Target } from "@agent-run/gate";
import { afterAll, describe, expect, test } from "vitest";
import { publicSight } from "../clearance.ts";
import { makeRoot, removeRoots, Scene, type SceneOptions, writeUnder } from "../fixtures/scene.ts";
import { planJail } from "./plan.ts";
import { MAX_ENTRIES, MAX_MOUNTS, Survey, stampOf, Unjailable } from "./survey.ts";

afterAll(removeRoots);

const works = { ok: true, bwrap: "/usr/bin/bwrap" } as const;

/** The plan with paths relative to the root, or the reason why there is none. */
function plan(root: string, options: SceneOptions) {
  const scene = new Scene(root, { sandbox: "bwrap", jail: works, ...options });
  return { scene, ...relative(scene) };
}

function relative(scene: Scene) {
  const planned = planJail("sh", publicSight, scene.context);
  if (!planned.ok) return { failure: planned.failure, readOnly: [], readWrite: [], hidden: [] };
  const shown = (paths: readonly string[]) =>
    paths
      .filter((path) => path.startsWith(scene.root))
      .map((path) => path.slice(scene.root.length + 1) || ".")
      .sort();
  const { readOnly, readWrite, hidden, network, bwrap } = planned.value;
  return {
    network,
    bwrap,
    readOnly: shown(readOnly),
    readWrite: shown(readWrite),
    hidden: shown(hidden.map(({ path }) => path)),
    kinds: hidden,
  };
}

test("a granted directory is shown read-only, nothing else is", () => {
  const root = makeRoot({ "src/a": "a", "src/b/c": "c", "other/x": "x" });
  expect(plan(root, { read: ["src/**"] })).toMatchObject({
    readOnly: ["src"],
    readWrite: [],
    hidden: [],
    network: false,
  });
});

test("nothing granted, nothing shown", () => {
  expect(plan(makeRoot({ a: "a" }), {})).toMatchObject({ readOnly: [], readWrite: [], hidden: [] });
});

test("a directory is writable only where it may be read and written", () => {
  const root = makeRoot({ "src/a": "a", "src/out/b": "b", "drop/c": "c", "all/d": "d" });
  expect(plan(root, { read: ["src/**", "all/**"], write: ["src/out/**", "drop/**", "all/**"] })).toMatchObject({
    readOnly: ["src"],
    readWrite: ["all", "src/out"],
    hidden: [],
  });
});

test("what rules with conditions say is asked anew for each command", async () => {
  const root = makeRoot({ "src/d/x": "x" });
  const { context } = new Scene(root, { read: ["src/**"], sandbox: "bwrap", jail: works });
  // A directory that just changed is looked at anew in any case.
  await new Promise((resolve) => setTimeout(resolve, 150));
  const hours = { days: [1], from: 0, to: 60, zone: "UTC" };
  const policy = { ...context.policy, rules: context.policy.rules.map((rule) => ({ ...rule, hours })) };
  const hidden = (isClosed: boolean) => {
    const decide = (target: Target) => {
      const decision = context.decide(target);
      return isClosed && target.value.startsWith(`${root}/src/d`) ? { ...decision, effect: "deny" as const } : decision;
    };
    const planned = planJail("sh", publicSight, { ...context, policy, decide });
    return planned.ok ? planned.value.hidden.map(({ path }) => path) : null;
  };
  expect([hidden(false), hidden(true)]).toEqual([[], [`${root}/src/d`]]);
});

test("a directory that a rule covers but a stricter one refuses for reading is not shown writable", () => {
  const root = makeRoot({ "w/a": "a" });
  const { context } = new Scene(root, { read: ["**"], write: ["w/**"], sandbox: "bwrap", jail: works });
  const decide = (target: Target) => {
    const decision = context.decide(target);
    const closed = target.on === "fs.read" && target.value.startsWith(`${root}/w`);
    return closed ? { ...decision, effect: "deny" as const } : decision;
  };
  const planned = planJail("sh", publicSight, { ...context, decide });
  const hidden = [{ path: `${root}/w`, kind: "directory" }];
  expect(planned).toMatchObject({ ok: true, value: { readOnly: [root], readWrite: [], hidden } });
});

test("a directory that a person would be asked about for writing is not shown writable", () => {
  const root = makeRoot({ "w/a": "a" });
  const { context } = new Scene(root, { read: ["**"], write: ["w/**"], sandbox: "bwrap", jail: works });
  const decide = (target: Target) => {
    const decision = context.decide(target);
    return target.on === "fs.write" ? { ...decision, effect: "ask" as const } : decision;
  };
  const planned = planJail("sh", publicSight, { ...context, decide });
  expect(planned).toMatchObject({ ok: true, value: { readOnly: [root], readWrite: [] } });
});

test("of a writable directory that is readable in part, that part is writable", () => {
  const root = makeRoot({ "w/r/a": "a", "w/b": "b" });
  expect(plan(root, { read: ["w/r/**"], write: ["w/**"] })).toMatchObject({ readOnly: [], readWrite: ["w/r"] });
});

test("denied files and directories are hidden, whatever lies below a denied directory with them", () => {
  const root = makeRoot({ "src/.env": "s", "src/keep": "k", "src/secrets/a/b": "s", "src/deep/er/.env": "s" });
  const { hidden, kinds } = plan(root, { read: ["src/**"], deny: ["/**/.env", "/**/secrets/**"] });
  expect(hidden).toEqual(["src/.env", "src/deep/er/.env", "src/secrets"]);
  expect(kinds?.map(({ kind }) => kind).sort()).toEqual(["directory", "file", "file"]);
});

test("a path that a person would be asked about is hidden", () => {
  const root = makeRoot({ "src/ask/a": "a", "src/b": "b" });
  expect(plan(root, { read: ["src/**"], ask: ["src/ask", "src/ask/**"] })).toMatchObject({ hidden: ["src/ask"] });
});

test("writable directories above something hidden stay where they are", () => {
  const root = makeRoot({ "w/d/e/secret": "s", "w/f/a": "a" });
  const planned = plan(root, { read: ["w/**"], write: ["w/**"], deny: ["w/d/e/secret"] });
  expect(planned).toMatchObject({ readWrite: ["w", "w/d", "w/d/e"], hidden: ["w/d/e/secret"] });
});

test("what may not be written inside a writable directory is read-only there", () => {
  const root = makeRoot({
    ".git/config": "c",
    "sub/.git/config": "c",
    "agent-run.toml": "v",
    "a.txt": "a",
    "no/x": "x",
  });
  const planned = plan(root, { read: ["**"], write: ["**"], deny: ["no/**"] });
  expect(planned).toMatchObject({
    readWrite: [".", "sub"],
    readOnly: [".git", "agent-run.toml", "sub/.git"],
    hidden: ["no"],
  });
});

describe("a grant that covers no directory shows single files", () => {
  const files = {
    "src/a.ts": "a",
    "src/b.js": "b",
    "src/d/c.ts": "c",
    "src/.env.ts": "e",
    "one.txt": "1",
    "out/x.md": "x",
  };
  test("those that match", () => {
    const options = { read: ["src/**/*.ts"], deny: ["/**/.env*"] };
    expect(plan(makeRoot(files), options)).toMatchObject({ readOnly: ["src/a.ts", "src/d/c.ts"], hidden: [] });
  });
  test("a file that is named", () => {
    expect(plan(makeRoot(files), { read: ["one.txt", "none.txt", "src"] })).toMatchObject({ readOnly: ["one.txt"] });
  });
  test("writable ones, if they may be read", () => {
    const options = { read: ["out/**"], write: ["out/*.md", "one.txt"] };
    expect(plan(makeRoot(files), options)).toMatchObject({ readOnly: ["out"], readWrite: ["out/x.md"] });
  });
  test("links and special files never", () => {
    const root = makeRoot(files);
    symlinkSync(join(root, "one.txt"), join(root, "src/link.ts"));
    execFileSync("mkfifo", [join(root, "src/pipe.ts")]);
    expect(plan(root, { read: ["src/*.ts"] }).readOnly).toEqual([".env.ts", "a.ts"].map((name) => `src/${name}`));
  });
  test("more than 500 of them are refused, with the way out", () => {
    const root = makeRoot();
    for (let n = 0; n <= 500; n++) writeUnder(root, `many/${n}.ts`, "");
    expect(plan(root, { read: ["many/*.ts"] }).failure).toMatchObject({
      code: "E_POLICY_DENIED",
      message: expect.stringContaining("match more than 500 files"),
      hint: expect.stringContaining("grant the directory instead, as `src/**`; or write `[subprocess] sandbox"),
    });
  });
});

test("sockets and pipes in a shown directory are hidden: a child could talk to the host through them", async () => {
  const root = makeRoot({ "src/a": "a" });
  execFileSync("mkfifo", [join(root, "src/pipe")]);
  const server = createServer().listen(join(root, "src/socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  expect(plan(root, { read: ["src/**"] })).toMatchObject({ hidden: ["src/pipe", "src/socket"] });
  server.close();
});

test("another name of a protected file is hidden, or read-only", () => {
  const root = makeRoot({ "policy.toml": "v", "src/a": "a" });
  linkSync(join(root, "policy.toml"), join(root, "src/innocent"));
  const { dev, ino } = statSync(join(root, "policy.toml"));
  const inode = (access: "all" | "write") => ({
    protectedInodes: [{ dev, ino, access, what: "the policy of this run" }],
  });
  const grants = { read: ["src/**"], write: ["src/**"] };
  expect(plan(root, { ...grants, ...inode("all") })).toMatchObject({ hidden: ["src/innocent"] });
  expect(plan(root, { ...grants, ...inode("write") })).toMatchObject({ hidden: [], readOnly: ["src/innocent"] });
});

test("a grant by a name that goes through a link shows nothing", () => {
  const root = makeRoot({ "real/a": "a" });
  symlinkSync(join(root, "real"), join(root, "link"));
  writeUnder(root, "real/sub/b", "b");
  const read = ["link/**", "link/a", "link/sub/**", "link/sub/b"];
  expect(plan(root, { read })).toMatchObject({ readOnly: [], hidden: [] });
});

test("links inside a shown directory are left as they are: mounting on one would cover what it leads to", () => {
  const root = makeRoot({ "src/a": "a" });
  symlinkSync("/etc", join(root, "src/.env"));
  expect(plan(root, { read: ["src/**"], deny: ["/**/.env"] })).toMatchObject({ hidden: [] });
});

test("allowed commands outside the system's directories are shown by themselves", () => {
  const root = makeRoot({ "tools/data": "d" });
  writeUnder(root, "tools/run", "#!/bin/sh\n", 0o755);
  expect(plan(root, { commands: { run: "tools/run", gone: "tools/gone" } })).toMatchObject({ readOnly: ["tools/run"] });
});

test("an allowed command inside a writable directory is read-only", () => {
  const root = makeRoot();
  writeUnder(root, "w/run", "#!/bin/sh\n", 0o755);
  expect(plan(root, { commands: { run: "w/run" }, read: ["w/**"], write: ["w/**"] })).toMatchObject({
    readOnly: ["w/run"],
    readWrite: ["w"],
  });
});

test.each(["/proc/**", "/sys/**", "/dev/**", "/proc/version"])(
  "a grant of %s shows nothing: a jail has its own",
  (pattern) => {
    const scene = new Scene(makeRoot(), { read: [pattern], sandbox: "bwrap", jail: works });
    const allowing = {
      ...scene.context,
      decide: () => ({ effect: "allow", code: null, rule: { id: "x" }, matched: [], layer: "policy" }) as const,
    };
    const planned = planJail("sh", publicSight, allowing);
    expect(planned.ok && planned.value.readOnly).toEqual([]);
  },
);

test("a grant of the whole disk is refused", () => {
  expect(plan(makeRoot(), { read: ["/**"] }).failure).toMatchObject({
    code: "E_POLICY_DENIED",
    rule: { id: "subprocess.sandbox" },
  });
});

test("protected and denied paths below the system's directories are hidden there", () => {
  const protectedPaths = [
    { path: "/usr/share", access: "all", what: "our installation" },
    { path: "/usr/lib", access: "write", what: "else" },
    { path: "/usr/nothing/here", access: "all", what: "else" },
  ] as const;
  const scene = new Scene(makeRoot(), {
    deny: ["/usr/games/**", "/usr/bin/env", "/usr/l*"],
    protectedPaths,
    sandbox: "bwrap",
    jail: works,
  });
  const planned = planJail("sh", publicSight, scene.context);
  expect(planned.ok && planned.value.hidden.map(({ path, kind }) => `${kind} ${path}`).sort()).toEqual([
    "directory /usr/games",
    "directory /usr/share",
    "file /usr/bin/env",
  ]);
});

test("too many hidden paths are refused, never left in sight", () => {
  const root = makeRoot();
  for (let n = 0; n <= MAX_MOUNTS; n++) writeUnder(root, `many/${n}.env`, "");
  expect(plan(root, { read: ["many/**"], deny: ["many/*.env"] }).failure).toMatchObject({
    code: "E_POLICY_DENIED",
    message: expect.stringContaining(`more than ${MAX_MOUNTS} paths`),
  });
});

test("too many entries are refused, never left unseen", () => {
  const survey = new Survey(new Scene(makeRoot()).context, publicSight, new Set());
  survey.count(MAX_ENTRIES);
  expect(() => survey.count(1)).toThrow(Unjailable);
});

test("a hidden file whose name is not UTF-8 is refused, since it cannot be named", () => {
  const root = makeRoot({ "src/a": "a" });
  writeFileSync(Buffer.concat([Buffer.from(`${root}/src/.env`), Buffer.from([0xff])]), "s");
  expect(plan(root, { read: ["src/**"], deny: ["/**/.env*"] }).failure).toMatchObject({ code: "E_POLICY_DENIED" });
  expect(plan(root, { read: ["src/**"] }).failure).toBeUndefined();
});

describe("a second plan of the same run sees what changed in between", () => {
  /** Listings are remembered only once a directory has been quiet for a while. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 250));

  test("a new denied file, one in a new directory, one that is gone", async () => {
    const root = makeRoot({ "src/a": "a", "src/old/.env": "s" });
    const { scene, hidden } = plan(root, { read: ["src/**"], deny: ["/**/.env"] });
    expect(hidden).toEqual(["src/old/.env"]);
    await settle();
    expect(relative(scene).hidden).toEqual(["src/old/.env"]);
    writeUnder(root, "src/.env", "s");
    writeUnder(root, "src/new/dir/.env", "s");
    execFileSync("rm", [join(root, "src/old/.env")]);
    const seen = relative(scene).hidden;
    await settle();
    expect(relative(scene).hidden).toEqual(seen);
    expect(relative(scene).hidden).toEqual(["src/.env", "src/new/dir/.env"]);
  });

  test("a listing is remembered only once its directory has been quiet: clocks of file systems tick slowly", async () => {
    const root = makeRoot({ a: "a" });
    expect(stampOf(root)).toBeNull();
    await settle();
    expect(stampOf(root)).toMatch(/^\d+ \d+ \d+ \d+$/);
    expect(stampOf(join(root, "nothing"))).toBeNull();
  });

  test("other protected files are found under the same policy", async () => {
    const root = makeRoot({ "src/a": "a" });
    const { scene } = plan(root, { read: ["src/**"] });
    await settle();
    expect(relative(scene).hidden).toEqual([]);
    const { dev, ino } = statSync(join(root, "src/a"));
    const protectedInodes = [{ dev, ino, access: "all", what: "the policy of this run" }] as const;
    const planned = planJail("sh", publicSight, { ...scene.context, protectedInodes });
    expect(planned).toMatchObject({ value: { hidden: [{ path: join(root, "src/a"), kind: "file" }] } });
  });

  test("a directory that was replaced, though its times are those of the old one", async () => {
    const root = makeRoot({ "src/d/a": "a" });
    const { scene } = plan(root, { read: ["src/**"], deny: ["/**/.env"] });
    await settle();
    expect(relative(scene).hidden).toEqual([]);
    const { atime, mtime } = statSync(join(root, "src/d"));
    execFileSync("mv", [join(root, "src/d"), join(root, "moved")]);
    writeUnder(root, "src/d/.env", "s");
    utimesSync(join(root, "src/d"), atime, mtime);
    await settle();
    expect(relative(scene).hidden).toEqual(["src/d/.env"]);
  });
});

test("a directory that we cannot read stays as it is: a child has no more rights than we", () => {
  const root = makeRoot({ "src/a": "a" });
  mkdirSync(join(root, "src/closed"));
  chmodSync(join(root, "src/closed"), 0);
  expect(plan(root, { read: ["src/**"] })).toMatchObject({ readOnly: ["src"] });
});

test("without a jail the refusal says why and what to do", () => {
  const jail = { ok: false, reason: "bubblewrap is not installed" } as const;
  expect(plan(makeRoot(), { jail }).failure).toEqual({
    code: "E_POLICY_DENIED",
    message: "`sh` would run in a jail, and no jail works here: bubblewrap is not installed",
    capability: "subprocess.exec",
    target: "sh",
    rule: { id: "subprocess.sandbox" },
    hint: 'install bubblewrap, or write `[subprocess] sandbox = "none"`, with which commands run open: they can read and write what you can',
  });
});
