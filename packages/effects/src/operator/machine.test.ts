/** What the host learns of its machine: policies, homes, environment, protected inodes. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { discoverPolicy } from "./discover.ts";
import { operatorEnvironment } from "./environment.ts";
import { homes } from "./homes.ts";
import { replaceableByOthers, writableByOthers } from "./owned-by-others.ts";
import { policyWorld } from "./policy-world.ts";
import { protectedInodes } from "./protected-inodes.ts";

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-machine-")));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const at = (...names: string[]): string => join(base, ...names);

describe("reading a policy", () => {
  const read = (path: string) => policyWorld(at("presets")).readText(path);

  test("gives text and real path, through links", () => {
    mkdirSync(at("real"));
    writeFileSync(at("real/p.toml"), "version = 1 # ü\n");
    symlinkSync("real", at("d"));
    symlinkSync("real/p.toml", at("l.toml"));
    const expected = { ok: true, text: "version = 1 # ü\n", realPath: at("real/p.toml") };
    expect(read(at("real/p.toml"))).toEqual({ ...expected, links: [] });
    expect(read(at("d/p.toml"))).toEqual({ ...expected, links: [at("d")] });
    for (const path of [at("l.toml"), at("real/../l.toml")]) {
      expect(read(path)).toEqual({ ...expected, links: [at("l.toml")] });
    }
  });

  test("keeps a byte order mark and line ends for the reader to judge", () => {
    writeFileSync(at("p"), "\uFEFFa\r\n");
    expect(read(at("p"))).toMatchObject({ ok: true, text: "\uFEFFa\r\n" });
  });

  test.each([
    ["missing", () => {}, "it does not exist"],
    ["behind a file", () => writeFileSync(at("f"), ""), "it does not exist", "f/p"],
    ["a dangling link", () => symlinkSync("gone", at("p")), "it does not exist"],
    ["a circle of links", () => symlinkSync("p", at("p")), "too many symbolic links (ELOOP)"],
    ["a directory", () => mkdirSync(at("p")), "it is a directory"],
    ["a pipe", () => execFileSync("mkfifo", [at("p")]), "it is not a regular file"],
    ["no UTF-8", () => writeFileSync(at("p"), Uint8Array.of(0x61, 0xff)), "it is not valid UTF-8"],
    ["UTF-16", () => writeFileSync(at("p"), "version = 1", "utf16le"), null],
    ["too large", () => writeFileSync(at("p"), Buffer.alloc(4 * 1024 * 1024 + 1, "#")), "it is larger than 4 MiB"],
    [
      "far too large",
      () => {
        writeFileSync(at("p"), "");
        truncateSync(at("p"), 2 ** 40);
      },
      "it is larger than 4 MiB",
    ],
    ["named with NUL", () => {}, "its name holds a NUL character", "p\0.toml"],
  ])("that is %s is refused with the reason", (_, make, reason, name = "p") => {
    make();
    const got = read(at(name));
    if (reason === null) expect(got).toMatchObject({ ok: true });
    else expect(got).toMatchObject({ ok: false, reason });
  });

  test("that is no UTF-8 is refused with the place", () => {
    const text = Buffer.concat([
      Buffer.from('version = 1\n# \ufffd fine\nname = "é'),
      Buffer.of(0xe9),
      Buffer.from('"\n'),
    ]);
    writeFileSync(at("p"), text);
    expect(read(at("p"))).toMatchObject({
      near: { line: 3, column: 10, text: expect.stringContaining('name = "é\ufffd"') },
    });
  });

  test("of exactly 4 MiB is read", () => {
    writeFileSync(at("p"), Buffer.alloc(4 * 1024 * 1024, "#"));
    expect(read(at("p"))).toMatchObject({ ok: true });
  });

  test.runIf(process.platform === "linux")("is no device and no endless file", () => {
    expect(read("/dev/zero")).toEqual({ ok: false, reason: "it is not a regular file" });
    expect(read("/proc/self/fd/0")).toMatchObject({ ok: false });
  });
});

describe("the world of a policy", () => {
  test("has real paths of directories, presets by name, and SHA-256", () => {
    mkdirSync(at("presets"));
    writeFileSync(at("presets/one.toml"), "version = 1");
    writeFileSync(at("presets/README.md"), "");
    symlinkSync("presets", at("l"));
    const world = policyWorld(at("presets"));
    expect(world.realPath(at("l"))).toBe(at("presets"));
    expect(world.realPath(at("gone"))).toBe(null);
    expect(world.realPath(at("presets/one.toml"))).toBe(null);
    expect([...world.presets]).toEqual([["one", "version = 1"]]);
    expect(world.sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(policyWorld(at("gone")).presets.size).toBe(0);
  });
});

describe("homes", () => {
  test("are $HOME first, also by its real path, absolute and each once", () => {
    mkdirSync(at("real"));
    symlinkSync("real", at("home"));
    expect(homes(at("home")).slice(0, 2)).toEqual([at("home"), at("real")]);
    expect(homes(`${at("real")}//`)[0]).toBe(at("real"));
    expect(new Set(homes(at("home"))).size).toBe(homes(at("home")).length);
  });

  test.each([undefined, "", "relative/home"])("leave out a $HOME of %j", (home) => {
    expect(homes(home).every((path) => path.startsWith("/"))).toBe(true);
  });
});

test("the environment is the host's without ours", () => {
  const environment = { PATH: "/bin", AGENT_RUN_KEY: "k", agent_run_x: "x", MY_AGENT_RUN_: "mine", GONE: undefined };
  expect(operatorEnvironment(environment)).toEqual({ PATH: "/bin", MY_AGENT_RUN_: "mine" });
});

describe("discovering a policy", () => {
  test("finds the nearest upwards, and null where there is none", () => {
    mkdirSync(at("a/b/c"), { recursive: true });
    writeFileSync(at("agent-run.toml"), "");
    writeFileSync(at("a/agent-run.toml"), "");
    expect(discoverPolicy(at("a/b/c"))).toBe(at("a/agent-run.toml"));
    expect(discoverPolicy(at("a/b/gone"))).toBe(at("a/agent-run.toml"));
    rmSync(at("a/agent-run.toml"));
    expect(discoverPolicy(at("a/b/c"))).toBe(at("agent-run.toml"));
    rmSync(at("agent-run.toml"));
    expect(discoverPolicy(at("a/b/c"))).toBe(null);
  });

  test("does not pass over one that cannot be read for one further up", () => {
    mkdirSync(at("a"));
    writeFileSync(at("agent-run.toml"), "");
    symlinkSync("gone", at("a/agent-run.toml"));
    expect(discoverPolicy(at("a"))).toBe(at("a/agent-run.toml"));
  });
});

describe("protected inodes", () => {
  test("are those of files and of all that directories hold, missing ones left out", () => {
    mkdirSync(at("d/x"), { recursive: true });
    for (const name of ["p", "other", "d/a", "d/x/b"]) writeFileSync(at(name), "");
    symlinkSync("../p", at("d/l"));
    symlinkSync("../other", at("d/k"));
    symlinkSync("other", at("m"));
    const found = protectedInodes([
      { path: at("p"), access: "all", what: "the policy" },
      { path: at("d"), access: "write", what: "the installation" },
      { path: at("gone"), access: "all", what: "nothing" },
      { path: at("m"), alone: true, access: "write", what: "a link, not what it leads to" },
    ]);
    const inode = (name: string) => ({ dev: statSync(at(name)).dev, ino: statSync(at(name)).ino });
    expect(found).toEqual([
      { ...inode("p"), access: "all", what: "the policy" },
      { ...inode("d"), access: "write", what: "the installation" },
      { ...inode("d/a"), access: "write", what: "the installation" },
      { ...inode("d/x"), access: "write", what: "the installation" },
      { ...inode("d/x/b"), access: "write", what: "the installation" },
    ]);
  });

  test("are bounded, and what is named comes before what directories hold", () => {
    mkdirSync(at("d"));
    writeFileSync(at("p"), "");
    for (let index = 0; index < 2_100; index += 1) writeFileSync(at(`d/${index}`), "");
    const found = protectedInodes([
      { path: at("d"), access: "all", what: "the installation" },
      { path: at("p"), access: "all", what: "the policy" },
    ]);
    expect(found).toHaveLength(2_000);
    expect(found[1]).toMatchObject({ ino: statSync(at("p")).ino, what: "the policy" });
  });

  test("keep the stricter access where one file is protected twice", () => {
    writeFileSync(at("a"), "");
    linkSync(at("a"), at("b"));
    const both = (first: "all" | "write", second: "all" | "write") =>
      protectedInodes([
        { path: at("a"), access: first, what: "one" },
        { path: at("b"), access: second, what: "two" },
      ]).map(({ access }) => access);
    expect(both("all", "write")).toEqual(["all"]);
    expect(both("write", "all")).toEqual(["all"]);
  });
});

describe("what others could change", () => {
  const self = process.getuid?.() ?? 0;
  const group = process.getgid?.() ?? 0;
  const [otherUser, otherGroup] = [self + 12_345, group + 12_345];
  test.each([
    ["ours", { uid: self, gid: group, mode: 0o755 }, false],
    ["root's", { uid: 0, gid: 0, mode: 0o755 }, false],
    ["root's, writable for a group, as Debian's /usr/local/bin", { uid: 0, gid: 50, mode: 0o2775 }, false],
    ["ours, writable for our own group", { uid: self, gid: group, mode: 0o775 }, false],
    ["writable for everybody", { uid: 0, gid: 0, mode: 0o777 }, true],
    ["writable for everybody, but sticky", { uid: 0, gid: 0, mode: 0o1777 }, true],
    ["another user's", { uid: otherUser, gid: group, mode: 0o755 }, true],
  ])("%s", (_, owned, expected) => {
    expect(writableByOthers(owned)).toBe(expected);
  });

  test.runIf(self !== 0)("ours, writable for another group", () => {
    expect(writableByOthers({ uid: self, gid: otherGroup, mode: 0o775 })).toBe(true);
  });

  test("a directory above counts, unless it is sticky", () => {
    mkdirSync(at("a/b"), { recursive: true });
    expect(replaceableByOthers(at("a/b"))).toBe(false);
    chmodSync(at("a"), 0o777);
    expect(replaceableByOthers(at("a/b"))).toBe(true);
    chmodSync(at("a"), 0o1777);
    expect(replaceableByOthers(at("a/b"))).toBe(self !== 0);
  });

  test("a file is no sticky directory", () => {
    writeFileSync(at("f"), "");
    chmodSync(at("f"), 0o1777);
    expect(replaceableByOthers(at("f"))).toBe(true);
  });

  test.runIf(self === 0)("a sticky directory of another user is that user's to change", () => {
    mkdirSync(at("a/b"), { recursive: true });
    chmodSync(at("a"), 0o1777);
    chownSync(at("a"), otherUser, group);
    expect(replaceableByOthers(at("a/b"))).toBe(true);
  });
});
