import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fsOperations } from "./operations.ts";
import { CANARY, Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
});
afterEach(() => trial.remove());

describe("what is read", () => {
  test("a text file is read as UTF-8", () => {
    trial.file("a.txt", "grüße, 世界 🙂");
    expect(trial.value("fs.read", { path: "a.txt" })).toBe("grüße, 世界 🙂");
  });

  test("a byte order mark, line ends and NUL stay as they are", () => {
    const text = "\uFEFFa\r\nb\0c\n";
    trial.file("a.txt", text);
    expect(trial.value("fs.read", { path: "a.txt" })).toBe(text);
  });

  test("an empty file is the empty string", () => {
    trial.file("empty", "");
    expect(trial.value("fs.read", { path: "empty" })).toBe("");
    expect(trial.value("fs.read", { path: "empty", encoding: "base64" })).toBe("");
  });

  test("bytes that are not UTF-8 are refused with a hint, and readable as base64", () => {
    trial.file("raw", Uint8Array.of(0xff, 0xfe, 0x00));
    const failure = trial.failure("fs.read", { path: "raw" });
    expect(failure).toMatchObject({ code: "E_ARGUMENT", message: "`raw` is not valid UTF-8" });
    expect(failure.hint).toContain("base64");
    expect(trial.value("fs.read", { path: "raw", encoding: "base64" })).toBe("//4A");
  });

  test.each([
    [{ offset: 2 }, "cdef"],
    [{ length: 2 }, "ab"],
    [{ offset: 1, length: 3 }, "bcd"],
    [{ offset: 6 }, ""],
    [{ offset: 9_000 }, ""],
    [{ offset: Number.MAX_SAFE_INTEGER }, ""],
    [{ length: 0 }, ""],
    [{ offset: 5, length: Number.MAX_SAFE_INTEGER }, "f"],
  ])("the range %j of `abcdef` is its bytes", (range, expected) => {
    trial.file("a", "abcdef");
    expect(trial.value("fs.read", { path: "a", ...range })).toBe(expected);
  });

  test("a range that cuts a character in two is not valid UTF-8", () => {
    trial.file("a", "ü");
    expect(trial.code("fs.read", { path: "a", length: 1 })).toBe("E_ARGUMENT");
  });

  test.each(["./a", "x/../a", "x//../a", "missing/../a"])("`%s` is lexically the same file", (path) => {
    trial.file("a", "same");
    expect(trial.value("fs.read", { path })).toBe("same");
  });

  test("a name stored in another Unicode form is found", () => {
    writeFileSync(trial.at("u\u0308ber.txt"), "decomposed");
    mkdirSync(trial.at("o\u0308rtlich"));
    writeFileSync(trial.at("o\u0308rtlich", "u\u0308ber.txt"), "deep");
    expect(trial.value("fs.read", { path: "\u00fcber.txt" })).toBe("decomposed");
    expect(trial.value("fs.read", { path: "\u00f6rtlich/\u00fcber.txt" })).toBe("deep");
  });
});

describe("how much is read", () => {
  test("a file of exactly the limit is read, one byte more is E_TOO_LARGE", () => {
    trial.maxFileBytes = 10;
    trial.file("ten", "x".repeat(10));
    trial.file("eleven", "x".repeat(11));
    expect(trial.value("fs.read", { path: "ten" })).toBe("x".repeat(10));
    expect(trial.code("fs.read", { path: "eleven" })).toBe("E_TOO_LARGE");
    expect(trial.value("fs.read", { path: "eleven", length: 10 })).toBe("x".repeat(10));
    expect(trial.value("fs.read", { path: "eleven", offset: 5, length: 99 })).toBe("x".repeat(6));
  });

  test("a file that is far too large is refused without being read", () => {
    truncateSync(trial.file("huge"), 2 ** 40);
    expect(trial.code("fs.read", { path: "huge" })).toBe("E_TOO_LARGE");
    expect(trial.code("fs.copy", { from: "huge", to: "copy" })).toBe("E_TOO_LARGE");
    expect(trial.value("fs.read", { path: "huge", offset: 2 ** 40 - 2 })).toBe("\0\0");
  });

  test("a file that grows after the check is read to its end, or refused", () => {
    const path = trial.file("log", "one");
    trial.beforeEffect = () => appendFileSync(path, "two".repeat(50_000));
    expect(trial.value("fs.read", { path: "log" })).toBe(`one${"two".repeat(50_000)}`);
    trial.maxFileBytes = 200_000;
    expect(trial.code("fs.read", { path: "log" })).toBe("E_TOO_LARGE");
  });

  test("a file that shrinks after the check gives what is left", () => {
    const path = trial.file("log", "long content");
    trial.beforeEffect = () => writeFileSync(path, "short");
    expect(trial.value("fs.read", { path: "log" })).toBe("short");
  });

  test.runIf(process.platform === "linux")("a file that says size 0 but has content is read", () => {
    trial.allowed.read = ["/proc"];
    expect(trial.value("fs.read", { path: "/proc/version" })).toContain("Linux");
    trial.maxFileBytes = 5;
    expect(trial.code("fs.read", { path: "/proc/version" })).toBe("E_TOO_LARGE");
  });
});

describe("what is not a file", () => {
  test("a directory is E_ARGUMENT and points to fs.list", () => {
    mkdirSync(trial.at("d"));
    const failure = trial.failure("fs.read", { path: "d" });
    expect(failure).toMatchObject({ code: "E_ARGUMENT", message: "`d` is a directory, not a file" });
    expect(failure.hint).toContain("fs.list");
  });

  test("a named pipe is refused without waiting for a writer", () => {
    execFileSync("mkfifo", [trial.at("pipe")]);
    expect(trial.failure("fs.read", { path: "pipe" })).toMatchObject({
      code: "E_ARGUMENT",
      message: "`pipe` is a named pipe; only regular files and directories can be used",
    });
  });

  test("a named pipe is not even opened: its writer goes on waiting", () => {
    execFileSync("mkfifo", [trial.at("pipe")]);
    const script = 'echo written > "$0"; echo done > "$1"';
    const writer = spawn("sh", ["-c", script, trial.at("pipe"), trial.at("finished")], { stdio: "ignore" });
    try {
      execFileSync("sleep", ["0.2"]);
      trial.code("fs.read", { path: "pipe" });
      execFileSync("sleep", ["0.2"]);
      expect(trial.names()).not.toContain("finished");
    } finally {
      writer.kill("SIGKILL");
    }
  });

  test("a socket is refused", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(trial.at("s"), resolve));
    try {
      expect(trial.failure("fs.read", { path: "s" }).message).toContain("is a socket");
    } finally {
      server.close();
    }
  });

  test("a device is refused, also through a link", () => {
    trial.allowed.read = [trial.root, "/dev"];
    symlinkSync("/dev/zero", trial.at("zero"));
    expect(trial.failure("fs.read", { path: "/dev/zero" }).message).toContain("is a device");
    expect(trial.failure("fs.read", { path: "zero" })).toMatchObject({ code: "E_ARGUMENT" });
  });

  test.each(["missing", "missing/deeper", "file/below"])("`%s` is E_NOT_FOUND", (path) => {
    trial.file("file");
    expect(trial.failure("fs.read", { path })).toMatchObject({
      code: "E_NOT_FOUND",
      message: `\`${path}\` does not exist`,
      capability: "fs.read",
      target: path,
    });
  });
});

describe("links", () => {
  test("a link to an allowed file is followed, and the file is decided as well", () => {
    trial.file("real/a", "content");
    symlinkSync("real/a", trial.at("link"));
    expect(trial.value("fs.read", { path: "link" })).toBe("content");
    expect(trial.lastTargets()).toEqual(["read ~/link", "read ~/real/a"]);
  });

  test.each([
    ["a file link", () => symlinkSync(join(trial.outside, "secret"), trial.at("l")), "l"],
    ["a relative file link", () => symlinkSync("../outside/secret", trial.at("l")), "l"],
    ["a directory link", () => symlinkSync(trial.outside, trial.at("l")), "l/secret"],
    ["a chain of links", () => chain(), "l"],
    ["a link to the root of the disk", () => symlinkSync("/", trial.at("l")), () => `l${trial.outside}/secret`],
  ])("%s to the outside is refused by policy", (_, make, path) => {
    make();
    const answer = trial.call("fs.read", { path: typeof path === "string" ? path : path() });
    expect(answer).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
    expect(JSON.stringify(answer)).not.toContain(`${trial.outside}"`);
  });

  test("a refusal behind a link is the same for what exists and what does not", () => {
    symlinkSync(trial.outside, trial.at("l"));
    const there = trial.failure("fs.read", { path: "l/secret" });
    const missing = trial.failure("fs.read", { path: "l/nothin" });
    const deeper = trial.failure("fs.read", { path: "l/secret/x" });
    expect(there.code).toBe("E_POLICY_DENIED");
    expect(JSON.stringify(missing).replaceAll("nothin", "secret")).toBe(JSON.stringify(there));
    expect(JSON.stringify(deeper).replaceAll("secret/x", "secret")).toBe(JSON.stringify(there));
  });

  test("a link that leads nowhere is E_NOT_FOUND if its place is allowed, else refused", () => {
    symlinkSync("gone", trial.at("inside"));
    symlinkSync(join(trial.outside, "gone"), trial.at("out"));
    expect(trial.code("fs.read", { path: "inside" })).toBe("E_NOT_FOUND");
    expect(trial.code("fs.read", { path: "out" })).toBe("E_POLICY_DENIED");
  });

  test("links in a circle are E_IO", () => {
    symlinkSync("b", trial.at("a"));
    symlinkSync("a", trial.at("b"));
    expect(trial.code("fs.read", { path: "a" })).toBe("E_IO");
    expect(trial.code("fs.read", { path: "a/x" })).toBe("E_IO");
  });

  test("`..` in a link means the real parent of where it leads", () => {
    trial.file("deep/er/a", "x");
    trial.file("deep/b", "sibling");
    symlinkSync("deep/er", trial.at("l"));
    symlinkSync("l/../b", trial.at("m"));
    expect(trial.value("fs.read", { path: "m" })).toBe("sibling");
    expect(trial.code("fs.read", { path: "l/../b" })).toBe("E_NOT_FOUND");
  });

  test.runIf(process.platform === "linux")("the kernel's magic links do not lead out", () => {
    trial.allowed.read = [trial.root, "/proc", "/dev/fd"];
    for (const path of [`/proc/self/root${trial.outside}/secret`, `/proc/self/cwd/../../..${trial.outside}/secret`]) {
      expect(trial.code("fs.read", { path })).toMatch(/E_POLICY_DENIED|E_NOT_FOUND/);
    }
    symlinkSync(`/proc/self/root${trial.outside}/secret`, trial.at("l"));
    expect(trial.code("fs.read", { path: "l" })).toBe("E_POLICY_DENIED");
    for (const path of ["/proc/self/fd/0", "/dev/fd/0", "/proc/self/fd/1", "/proc/self/cwd/package.json"]) {
      expect(trial.code("fs.read", { path })).toMatch(/^E_(POLICY_DENIED|NOT_FOUND|ARGUMENT)$/);
    }
    expect(trial.code("fs.read", { path: "/proc/self/exe" })).toBe("E_POLICY_DENIED");
  });

  function chain(): void {
    symlinkSync("l1", trial.at("l"));
    symlinkSync("l2", trial.at("l1"));
    symlinkSync(trial.outside, trial.at("d"));
    symlinkSync("d/secret", trial.at("l2"));
  }
});

describe("what was checked is what is read", () => {
  test("a file swapped for a link after the check still gives the checked file", () => {
    const path = trial.file("a", "checked");
    trial.beforeEffect = () => {
      rmSync(path);
      symlinkSync(join(trial.outside, "secret"), path);
    };
    expect(trial.value("fs.read", { path: "a" })).toBe("checked");
    expect(trial.code("fs.read", { path: "a" })).toBe("E_POLICY_DENIED");
  });

  test("a directory swapped for a link after the check still gives the checked file", () => {
    trial.file("d/secret", "checked");
    trial.beforeEffect = () => {
      rmSync(trial.at("d"), { recursive: true });
      symlinkSync(trial.outside, trial.at("d"));
    };
    expect(trial.value("fs.read", { path: "d/secret" })).toBe("checked");
  });

  test("a name that ends like the kernel's mark of a deleted file is an ordinary name", () => {
    trial.file("a (deleted)", "here");
    expect(trial.value("fs.read", { path: "a (deleted)" })).toBe("here");
  });
});

describe("what no rule opens", () => {
  test("a hard link to a protected file is refused, and says what it is", () => {
    const policy = join(trial.base, "policy.toml");
    writeFileSync(policy, "secret policy");
    linkSync(policy, trial.at("innocent"));
    const { dev, ino } = statSync(policy);
    trial.protectedInodes = [{ dev, ino, access: "all", what: "the policy of this run" }];
    expect(trial.failure("fs.read", { path: "innocent" })).toMatchObject({
      code: "E_POLICY_DENIED",
      message: "`innocent` is, or holds, another name of the policy of this run, which no rule can open",
      hint: "leave it out: what is protected is so under every name that it has",
    });
    trial.protectedInodes = [{ dev, ino, access: "write", what: "the policy of this run" }];
    expect(trial.value("fs.read", { path: "innocent" })).toBe("secret policy");
  });

  test("a temporary file of a write does not exist for a script", () => {
    trial.file(".agent-run-0123456789abcdef.tmp", "half");
    trial.file(".AGENT-RUN-0123456789ABCDEF.TMP", "half");
    symlinkSync(".agent-run-0123456789abcdef.tmp", trial.at("l"));
    for (const path of [".agent-run-0123456789abcdef.tmp", ".AGENT-RUN-0123456789ABCDEF.TMP", "l"]) {
      expect(trial.code("fs.read", { path })).toBe("E_NOT_FOUND");
    }
  });
});

describe("asking", () => {
  test("a person is asked about a missing file as about one that exists", () => {
    trial.asked = ["precious"];
    trial.answer = "deny";
    trial.file("precious", "x");
    expect(trial.code("fs.read", { path: "precious" })).toBe("E_APPROVAL_DENIED");
    expect(trial.code("fs.read", { path: "precious-not-there" })).toBe("E_APPROVAL_DENIED");
    expect(trial.questions).toBe(2);
  });

  test("nobody is asked about a missing file that is allowed", () => {
    trial.asked = ["precious"];
    expect(trial.code("fs.read", { path: "ordinary" })).toBe("E_NOT_FOUND");
    expect(trial.questions).toBe(0);
  });
});

describe("hostile arguments", () => {
  test.each([
    ["no object", null],
    ["no object", "a"],
    ["no object", ["a"]],
    ["no path", {}],
    ["a path of the wrong type", { path: 1 }],
    ["a path of the wrong type", { path: null }],
    ["a path of the wrong type", { path: ["a"] }],
    ["an empty path", { path: "" }],
    ["NUL", { path: "a\0b" }],
    ["a line break", { path: "a\nb" }],
    ["a lone surrogate", { path: "a\ud800" }],
    ["a huge path", { path: "a/".repeat(500_000) }],
    ["a huge name", { path: "a".repeat(300) }],
    ["an unknown member", { path: "a", encodign: "utf8" }],
    ["an unknown member", JSON.parse('{"path": "a", "__proto__": {"encoding": "base64"}}')],
    ["an unknown encoding", { path: "a", encoding: "latin1" }],
    ["an encoding of the wrong type", { path: "a", encoding: 8 }],
    ["a negative offset", { path: "a", offset: -1 }],
    ["half an offset", { path: "a", offset: 0.5 }],
    ["an offset that is no number", { path: "a", offset: "1" }],
    ["an endless length", { path: "a", length: 1e300 }],
  ])("%s is E_ARGUMENT", (_, args) => {
    trial.file("a");
    expect(trial.code("fs.read", args as never)).toBe("E_ARGUMENT");
  });

  test("no path of the host that was not typed is in a message", () => {
    symlinkSync(trial.outside, trial.at("l"));
    symlinkSync("a", trial.at("a"));
    for (const path of ["nothing", "l/secret", "l/x/y", "a", "l"]) {
      expect(JSON.stringify(trial.failure("fs.read", { path }))).not.toContain(trial.base);
    }
  });
});
