/**
 * The vault's process, seen from the public side: it is started, told things in order, and says four kinds of message
 * (NO-PLAINTEXT). That it is gone looks like work that has not settled, and like nothing else.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { type FromVault, Lines, type ToVault, type VaultOpen } from "@agent-run/gate";
import { assetsDirectory } from "../assets.ts";
import { messageOf } from "./vault-message.ts";

/** What it has under way ends with its input; a process that has not ended by then is killed. Milliseconds. */
const GRACE_MS = 1000;

export class VaultProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiter>();
  /** Runs that are on. */
  #runs = 0;
  readonly #exited: Promise<void>;
  #nextId = 1;
  #gone = false;
  #closing = false;
  /** Sealed work may be under way that no run waits for any more; the end does not wait for it either. */
  isLate = false;

  /** `tap`: sees every message that comes back, for tests. */
  constructor(open: VaultOpen, tap: (message: FromVault) => void = () => undefined) {
    // No core file of a process that holds plaintext; its own group, so that a terminal's Ctrl-C does not end it midway.
    const words = [
      "-c",
      'ulimit -c 0; exec "$0" "$@"',
      process.execPath,
      ...inspectorOff(),
      join(assetsDirectory(), "vault-process.cjs"),
    ];
    this.#child = spawn("/bin/sh", words, {
      env: trusted(),
      cwd: "/",
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    const lines = new Lines();
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      for (const line of lines.take(chunk)) {
        const message = messageOf(line);
        if (message === null) continue;
        tap(message);
        this.#hear(message);
      }
    });
    this.#child.stdin?.on("error", () => this.#lost());
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", () => resolve());
      this.#child.once("exit", () => resolve());
    });
    void this.#exited.then(() => this.#lost());
    this.tell(open);
    this.#idle();
  }

  /** For tests: the process whose inspectability matters. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  tell(message: ToVault): void {
    if (!this.#gone && !this.#closing) this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** An order with a number, and what the vault says to it; null once the vault is gone. */
  async ask(order: (id: number) => Question): Promise<FromVault | null> {
    const id = this.#nextId++;
    if (this.#gone) return null;
    return new Promise((resolve) => {
      const question = order(id);
      this.#waiting.set(id, { run: question.run, resolve });
      this.tell(question);
    });
  }

  /** While a run is on, its answers keep this process alive. */
  begin(order: Extract<ToVault, { kind: "run" }>): void {
    this.#runs += 1;
    this.#busy();
    this.tell(order);
  }

  /** What the run has asked and was not told, it is not told any more: dropped work has no answer. */
  end(run: string): void {
    this.tell({ kind: "end", run });
    for (const [id, waiter] of this.#waiting) {
      if (waiter.run !== run) continue;
      this.#waiting.delete(id);
      waiter.resolve(null);
    }
    this.#runs -= 1;
    if (this.#runs === 0 && !this.#closing) this.#idle();
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#gone) return;
    this.#busy();
    this.#child.stdin?.end();
    // When this process ends may not depend on how long that work takes.
    if (this.isLate) this.#child.kill("SIGKILL");
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    await this.#exited;
    clearTimeout(kill);
  }

  #hear(message: FromVault): void {
    this.#waiting.get(message.id)?.resolve(message);
    this.#waiting.delete(message.id);
  }

  #lost(): void {
    this.#gone = true;
    for (const { resolve } of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }

  #busy(): void {
    this.#child.ref();
    for (const stream of [this.#child.stdin, this.#child.stdout]) if (isRefLike(stream)) stream.ref();
  }

  #idle(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout]) if (isRefLike(stream)) stream.unref();
  }
}

/** An order that is answered. */
type Question = Extract<ToVault, { readonly id: number }>;

interface Waiter {
  readonly run: string;
  resolve(message: FromVault | null): void;
}

/** Authorities that the operator trusts besides the system's; nothing else of the environment goes in. */
function trusted(): Readonly<Record<string, string>> {
  const { NODE_EXTRA_CA_CERTS: authorities } = process.env;
  return authorities === undefined ? {} : { NODE_EXTRA_CA_CERTS: resolve(authorities) };
}

interface RefLike {
  ref(): void;
  unref(): void;
}

/** A pipe is, whatever the type of the child's streams says; a child that could not be started may have none at all. */
const isRefLike = (stream: object | null | undefined): stream is RefLike =>
  stream !== null && stream !== undefined && "ref" in stream && "unref" in stream;

/** SIGUSR1 starts Node's inspector; newer lines can be told not to, the older have a listener in the vault. */
const inspectorOff = (): string[] =>
  process.allowedNodeEnvironmentFlags.has("--disable-sigusr1") ? ["--disable-sigusr1"] : [];
