/** For tests: a vault over a real policy, directory, server and engine; what it says is kept. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { policyWorld, resolveCommands } from "@agent-run/effects";
import type { FromVault, PolicyData, ToVault, VaultOpen } from "@agent-run/gate";
import { loadPolicy, Policy } from "@agent-run/policy";
import { assetsDirectory, imageHash } from "@agent-run/vm/installation";
import { Vault } from "./vault.ts";

export class Place {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-vault-")));
  readonly #servers: Server[] = [];

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string | Uint8Array): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  policy(text: string): PolicyData {
    const path = this.write("agent-run.toml", `version = 1\n${text}`);
    const loaded = loadPolicy(path, policyWorld(`${assetsDirectory()}/presets`));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const policy = Policy.revive(loaded.data);
    const { commands, warnings } = resolveCommands(policy);
    return policy.withCommands(commands, warnings).data;
  }

  open(text: string, plaintext: Readonly<Record<string, string>> = {}): VaultOpen {
    const environment = { PATH: process.env.PATH ?? "" };
    const rest = { home: this.directory, protectedPaths: [], environment, ca: null, listeners: [] };
    return { kind: "open", policy: this.policy(text), plaintext, ...rest };
  }

  /** `host:port` of a server of this machine. */
  async serve(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async remove(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

type Order<K extends ToVault["kind"]> = Omit<Extract<ToVault, { kind: K }>, "kind" | "run" | "handle" | "token">;

export class Scene {
  readonly said: FromVault[] = [];
  readonly vault: Vault;
  readonly run: string;
  #heard: () => void = () => undefined;
  #handles = 0;
  #ids = 0;

  constructor(open: VaultOpen, sealedLog: string | null = null, run = "r") {
    const directory = assetsDirectory();
    const settings = { directory, imageSha256: imageHash(directory), maxCalls: 100 };
    this.run = run;
    this.vault = new Vault(open, settings, (message) => {
      this.said.push(message);
      this.#heard();
    });
    this.vault.hear({ kind: "run", run, sealedLog, startMs: 0, actor: null });
  }

  /** The token of a handle by its number. */
  token(handle: number): string {
    return `sealed0${handle.toString(16).padStart(32, "0")}`;
  }

  /** Gives an order that makes a handle, and gives its number. */
  order<K extends "define" | "effect" | "block">(kind: K, order: Order<K>): number {
    this.#handles += 1;
    const handle = this.#handles;
    this.vault.hear({ kind, run: this.run, handle, token: this.token(handle), ...order } as unknown as ToVault);
    return handle;
  }

  variable(name: string): number {
    return this.order("define", { as: { kind: "variable", name } });
  }

  effect(op: string, args: Order<"effect">["args"], deferrable = false): number {
    return this.order("effect", { op, args, seq: 1, deferrable });
  }

  broker(secret: string, use: number, work: Order<"broker">["work"], handle: number | null, outcome: boolean): number {
    this.#ids += 1;
    const token = handle === null ? null : this.token(handle);
    this.vault.hear({ kind: "broker", run: this.run, id: this.#ids, secret, use, work, handle, token, outcome });
    return this.#ids;
  }

  /** The number of the next handle, for orders that name it themselves. */
  get nextHandle(): number {
    this.#handles += 1;
    return this.#handles;
  }

  async settled(): Promise<FromVault> {
    this.#ids += 1;
    this.vault.hear({ kind: "settle", run: this.run, id: this.#ids });
    return this.message(this.#ids);
  }

  async released(rule: string, handle: number): Promise<FromVault> {
    this.#ids += 1;
    this.vault.hear({ kind: "release", run: this.run, id: this.#ids, rule, handle });
    return this.message(this.#ids);
  }

  async message(id: number): Promise<FromVault> {
    for (;;) {
      const found = this.said.find((message) => message.id === id);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}
