import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyData } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addTrust, isTrusted } from "./trust.ts";

let base: string;
let store: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-trust-")));
  store = join(base, "state/trust.json");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** A policy of these files, each `path hash`, the main one first. */
const policy = (...files: string[]): PolicyData => {
  const parts = files.map((file) => file.split(" "));
  return { files: parts.map(([path, sha256]) => ({ path, sha256 })) } as unknown as PolicyData;
};
const trusted = policy("/p/agent-run.toml 11", "/p/base.toml 22");

describe("trust", () => {
  test("is of what was added, of each path the last, and of nothing before", () => {
    const other = policy("/q/agent-run.toml 33");
    const newer = policy("/p/agent-run.toml 44");
    expect(isTrusted(store, trusted)).toBe(false);
    addTrust(store, trusted);
    addTrust(store, other);
    expect([trusted, other].map((one) => isTrusted(store, one))).toEqual([true, true]);
    addTrust(store, newer);
    expect([trusted, other, newer].map((one) => isTrusted(store, one))).toEqual([false, true, true]);
  });

  test.each([
    ["its text changed", policy("/p/agent-run.toml 12", "/p/base.toml 22")],
    ["what it inherits changed", policy("/p/agent-run.toml 11", "/p/base.toml 23")],
    ["it gained an inherited file", policy("/p/agent-run.toml 11", "/p/base.toml 22", "/p/more.toml 33")],
    ["it lost one", policy("/p/agent-run.toml 11")],
    ["it is somewhere else", policy("/q/agent-run.toml 11", "/p/base.toml 22")],
    ["what it inherits is somewhere else", policy("/p/agent-run.toml 11", "/q/base.toml 22")],
    ["another of its files is the main one", policy("/p/base.toml 22", "/p/agent-run.toml 11")],
    ["it has no files", policy()],
  ])("ends where %s", (_, changed) => {
    addTrust(store, trusted);
    expect(isTrusted(store, changed)).toBe(false);
  });
});

describe("a store is not believed", () => {
  const self = process.getuid?.() ?? 0;
  test.each([
    ["that its group can write", () => chmodSync(store, 0o620)],
    ["that everybody can write", () => chmodSync(store, 0o602)],
    ["with a second name", () => linkSync(store, join(base, "other"))],
    ["that is gone", () => rmSync(store)],
    ["that is no JSON", () => writeFileSync(store, "{")],
    ["of another version", () => writeFileSync(store, readFileSync(store, "utf8").replace('"v": 1', '"v": 2'))],
  ])("%s", (_, spoil) => {
    addTrust(store, trusted);
    expect(isTrusted(store, trusted)).toBe(true);
    spoil();
    expect(isTrusted(store, trusted)).toBe(false);
  });

  test("that is a link", () => {
    addTrust(store, trusted);
    renameSync(store, join(base, "elsewhere"));
    symlinkSync(join(base, "elsewhere"), store);
    expect(isTrusted(store, trusted)).toBe(false);
  });

  test.runIf(self === 0)("of another user", () => {
    addTrust(store, trusted);
    chownSync(store, 12_345, 0);
    expect(isTrusted(store, trusted)).toBe(false);
  });

  test.each(["null", "[]", '{"v":1}', '{"v":1,"trusted":{}}', '{"v":1,"trusted":[null,1,{"path":1,"files":""}]}'])(
    "that holds %s, and the next entry makes it whole",
    (text) => {
      addTrust(store, trusted);
      writeFileSync(store, text);
      expect(isTrusted(store, policy())).toBe(false);
      addTrust(store, trusted);
      expect(isTrusted(store, trusted)).toBe(true);
    },
  );
});

describe("a store is made", () => {
  test("for its owner alone, whatever the umask", () => {
    const umask = process.umask(0);
    try {
      addTrust(store, trusted);
    } finally {
      process.umask(umask);
    }
    expect([statSync(store).mode & 0o777, statSync(join(base, "state")).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("never through a name that was there before", () => {
    addTrust(store, trusted);
    const before = readFileSync(store, "utf8");
    symlinkSync(join(base, "victim"), `${store}.${process.pid}.tmp`);
    expect(() => addTrust(store, policy("/q/agent-run.toml 33"))).toThrow("EEXIST");
    rmSync(`${store}.${process.pid}.tmp`);
    writeFileSync(`${store}.${process.pid}.tmp`, "");
    expect(() => addTrust(store, policy("/q/agent-run.toml 33"))).toThrow("EEXIST");
    expect([existsSync(join(base, "victim")), readFileSync(store, "utf8")]).toEqual([false, before]);
  });

  test("of the files that take part, one line each, for a person to read", () => {
    addTrust(store, trusted);
    const files = "11 /p/agent-run.toml\n22 /p/base.toml";
    expect(JSON.parse(readFileSync(store, "utf8"))).toEqual({
      v: 1,
      trusted: [{ path: "/p/agent-run.toml", files }],
    });
  });
});
