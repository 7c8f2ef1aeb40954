/**
 * The vault's process for real, looked at from outside as another program of the same user would look: nothing of it can
 * be inspected, nothing lies where `ps` or /proc show it, and its end looks like work that has not settled.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FromVault, VaultOpen } from "@agent-run/gate";
import type { PolicyData } from "@agent-run/policy";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openPolicy } from "../open-policy.ts";
import type { RunReport } from "../report.ts";
import { Runtime } from "../runtime.ts";
import { VaultProcess } from "./vault-process.ts";

/** Another directory than that of the built product, for a program that plays the vault. */
const assets = vi.hoisted(() => ({ directory: null as string | null }));
vi.mock("../assets.ts", async (original) => {
  const real = await original<typeof import("../assets.ts")>();
  return { ...real, assetsDirectory: () => assets.directory ?? real.assetsDirectory() };
});

const SECRET = "s3cret-value-of-the-operator";

let directory: string;
const open: VaultProcess[] = [];
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-vault-")));
  vi.stubEnv("XDG_STATE_HOME", join(directory, "state"));
  vi.stubEnv("HOME", directory);
});
afterEach(async () => {
  assets.directory = null;
  await Promise.all(open.splice(0).map((vault) => vault.close()));
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

function policyOf(text: string): PolicyData {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\n${text}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  return opened.data;
}

const POLICY = '[environment]\nlocal_only_vars = ["KEY"]\n';

function start(text = POLICY, tap?: (message: FromVault) => void): VaultProcess {
  const rest = {
    home: directory,
    protectedPaths: [],
    environment: { PATH: process.env.PATH ?? "" },
    ca: null,
    listeners: [],
  };
  const opened: VaultOpen = { kind: "open", policy: policyOf(text), plaintext: { KEY: SECRET }, ...rest };
  const vault = new VaultProcess(opened, tap);
  open.push(vault);
  vault.begin({ kind: "run", run: "r", sealedLog: null, startMs: 0, actor: null });
  return vault;
}

/** A round trip: the vault has done everything that was ordered before. */
const settled = (vault: VaultProcess) => vault.ask((id) => ({ kind: "settle", run: "r", id }));

const about = (pid: number | undefined, name: string): string => readFileSync(`/proc/${pid}/${name}`, "latin1");

function openFiles(pid: number | undefined): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

const isGone = (pid: number | undefined): boolean => {
  try {
    return /^State:\s+[ZX]/m.test(about(pid, "status"));
  } catch {
    return true;
  }
};

/** Processes that this one started, by words of their command line. */
function childrenOf(pid: number | undefined, word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [, , parent] = about(Number(name), "stat")
          .replace(/^.*\) /s, "x ")
          .split(" ");
        return Number(parent) === pid && about(Number(name), "cmdline").includes(word);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

describe("the vault's process", () => {
  test("opens no inspector when it is asked to by signal", async () => {
    const vault = start();
    await settled(vault);
    const sockets = () => openFiles(vault.pid).filter((file) => file.startsWith("socket:")).length;
    const before = sockets();
    process.kill(vault.pid ?? 0, "SIGUSR1");
    for (let turn = 0; turn < 50; turn += 1) {
      expect(await settled(vault)).not.toBeNull();
      await sleep(10);
    }
    expect(sockets()).toBe(before);
    expect(before).toBe(2);
  });

  test("has nothing of a secret, and nothing of ours, in its environment and its command line", async () => {
    vi.stubEnv("KEY", SECRET);
    vi.stubEnv("NODE_OPTIONS", "--inspect-port=0");
    vi.stubEnv("HTTPS_PROXY", "http://proxy.example");
    vi.stubEnv("NODE_EXTRA_CA_CERTS", undefined);
    const vault = start();
    await settled(vault);
    // What a shell sets by itself is no part of ours.
    const names = about(vault.pid, "environ").match(/(?<=^|\0)[^=\0]+(?==)/g) ?? [];
    expect(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name))).toEqual([]);
    const words = about(vault.pid, "cmdline").split("\0");
    expect(words.join(" ")).not.toContain(SECRET);
    expect(words.filter((word) => word !== "" && !word.startsWith("--disable-"))).toEqual([
      process.execPath,
      expect.stringMatching(/\/vault-process\.cjs$/),
    ]);
  });

  test("leaves no core file", async () => {
    const vault = start();
    await settled(vault);
    expect(about(vault.pid, "limits")).toMatch(/^Max core file size\s+0\s+0\s/m);
  });

  test("has no file open: its pipes, the null device and the engine's own are all", async () => {
    const vault = start();
    vault.tell({ kind: "define", run: "r", handle: 1, token: "t", as: { kind: "variable", name: "KEY" } });
    await settled(vault);
    const strange = openFiles(vault.pid).filter((file) => !/^(?:socket:|pipe:|anon_inode:|\/dev\/null$)/.test(file));
    expect(strange).toEqual([]);
  });

  test("ends when its input ends, and everything that it has started ends with it", async () => {
    const vault = start(
      '[subprocess]\nlocal_only_commands = ["sleep"]\nsandbox = "none"\naccept_unsandboxed_commands = true\n',
    );
    const args = { argv: ["sleep", "10000"] };
    const order = { kind: "effect", run: "r", handle: 1, token: "t", op: "subprocess.exec", args, seq: 1 } as const;
    vault.tell({ ...order, deferrable: false });
    await until(() => childrenOf(vault.pid, "sleep").length > 0);
    const children = childrenOf(vault.pid, "sleep");
    await vault.close();
    expect(isGone(vault.pid)).toBe(true);
    await until(() => children.every(isGone));
    expect(await settled(vault)).toBeNull();
  });

  test("keeps nobody waiting whose run is over", async () => {
    const vault = start();
    const unanswered = vault.ask((id) => ({ kind: "release", run: "r", id, rule: "none", handle: 1 }));
    vault.begin({ kind: "run", run: "other", sealedLog: null, startMs: 0, actor: null });
    const answered = vault.ask((id) => ({ kind: "settle", run: "other", id }));
    vault.end("r");
    expect(await unanswered).toBeNull();
    expect(await answered).toMatchObject({ kind: "settled", run: "other" });
  });

  test("that is killed answers nothing more, to whom it was asked before and after", async () => {
    const vault = start();
    await settled(vault);
    process.kill(vault.pid ?? 0, "SIGSTOP");
    const asked = settled(vault);
    process.kill(vault.pid ?? 0, "SIGKILL");
    expect(await asked).toBeNull();
    expect(await settled(vault)).toBeNull();
    vault.tell({ kind: "end", run: "r" });
  });
});

describe("a program in the vault's place", () => {
  /** Says these lines once it was asked something. */
  function playing(lines: readonly string[]): void {
    assets.directory = directory;
    const text = `process.stdin.once("data", () => process.stdout.write(${JSON.stringify(lines.map((line) => `${line}\n`).join(""))}));
      process.stdin.on("data", () => undefined); process.stdin.on("end", () => process.exit());`;
    writeFileSync(join(directory, "vault-process.cjs"), text);
  }

  test("is heard in the four messages only; what else it says is dropped", async () => {
    const good = { kind: "settled", run: "r", id: 1 } as const;
    playing([
      "",
      "not JSON",
      "null",
      '{"kind":"failed","run":"r","id":1}',
      '{"kind":"settled","run":"r","id":1,"size":40}',
      '{"kind":"settled","id":1}',
      '{"kind":"outcome","run":"r","id":1}',
      '{"kind":"released","run":"r","id":1,"rule":"x","value":1,"why":"y"}',
      JSON.stringify(good),
    ]);
    const heard: FromVault[] = [];
    const vault = start(POLICY, (message) => heard.push(message));
    expect(await settled(vault)).toEqual(good);
    expect(heard).toEqual([good]);
  });

  test("that does not go when its input ends is killed", async () => {
    assets.directory = directory;
    writeFileSync(
      join(directory, "vault-process.cjs"),
      'process.stdin.on("data", () => process.stdout.write(\'{"kind":"settled","run":"r","id":1}\\n\')); setInterval(() => 0, 1000);',
    );
    const vault = start();
    await settled(vault);
    await vault.close();
    expect(isGone(vault.pid)).toBe(true);
  });

  test("that cannot be started is one that is gone", async () => {
    assets.directory = directory;
    const vault = start();
    expect(await settled(vault)).toBeNull();
  });
});

describe("a run whose vault", { timeout: 120_000 }, () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    // Takes requests and never answers one: sealed work that is merely slow.
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function report(change: (pid: number) => void): Promise<Omit<RunReport, "run" | "record" | "sealedLog">> {
    const policy = policyOf(
      `[local_only]\nsettle = ["300ms", "900ms"]\n[network]\nlocal_only_hosts = ["127.0.0.1:${port}"]\n[filesystem]\nwrite_allow = ["out/**"]\n`,
    );
    const environment = { PATH: process.env.PATH ?? "" };
    const runtime = new Runtime({ policy, audit: join(directory, "record"), environment, ownsProcess: true });
    try {
      await until(() => childrenOf(process.pid, "vault-process.cjs").length > 0);
      const [pid = 0] = childrenOf(process.pid, "vault-process.cjs");
      change(pid);
      const script = `const r = net.httpGet("http://127.0.0.1:${port}/"); print(r, r.status); fs.write("out/a", "x", { createParents: true }); return r.ok`;
      const { run: _run, record: _record, sealedLog: _log, ...rest } = await runtime.run(script, { seed: 1 });
      if (change !== nothing && !isGone(pid)) process.kill(pid, "SIGKILL");
      return rest;
    } finally {
      await runtime.close();
    }
  }
  const nothing = () => undefined;

  test("is killed, out of memory or stopped ends at the last tick, with the report of one whose vault is slow", async () => {
    const slow = await report(nothing);
    expect(slow).toMatchObject({ ok: true, exitCode: 0, durationMs: 900 });
    expect(slow.stdout).toContain("[sealed");
    expect(await report((pid) => process.kill(pid, "SIGSTOP"))).toEqual(slow);
    // The kernel ends what takes too much memory by SIGKILL, too.
    expect(await report((pid) => process.kill(pid, "SIGKILL"))).toEqual(slow);
    expect(await report((pid) => process.kill(pid, "SIGABRT"))).toEqual(slow);
  });
});
