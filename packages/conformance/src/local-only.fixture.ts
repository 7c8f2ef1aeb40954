/**
 * A workplace with local-only values and servers around it: `local`, which may receive them, `public`, which may not, and
 * `api`, over https, which wants credentials. Values hold what could break out of the place that they are put into.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunReport } from "@agent-run/runtime";
import { type Answer, type Asked, CA_FILE, type Served, serve } from "../../../examples/servers.mjs";
import { isSigned } from "../../../examples/signatures.mjs";
import { type CommandOptions, Workplace } from "./command.ts";

export const KEYS = {
  stripe: "sk_live_51Qx7vT2eZvKYlo2C0aWcQ",
  aws: "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCY",
  ledger: "lg_8fK2mQ9xTz4Rw7Bv1Ny6Hc3J",
  hazard: "p&ss=w\"ord\\ 100% +é😀/?#'",
  note: "Sell the harbour site before May.\n",
};

/** What neither an agent nor a public place may be shown, in any of these spellings. */
const CANARIES = Object.values(KEYS).flatMap((key) => [
  key.trim(),
  Buffer.from(key.trim()).toString("base64"),
  encodeURIComponent(key.trim()),
  JSON.stringify(key.trim()).slice(1, -1),
]);

export const leakIn = (text: string): string | null => CANARIES.find((canary) => text.includes(canary)) ?? null;

/** Ticks as a busy machine needs them: most work is done at the first, and none needs the last. */
export const TICKS = 'settle = ["500ms", "3s", "20s"]';

export interface Addresses {
  readonly api: string;
  readonly local: string;
  readonly public: string;
}

export interface Hosts {
  local?(asked: Asked): Answer | Promise<Answer>;
  api?(asked: Asked): Answer | Promise<Answer>;
}

export class LocalOnlyWorld {
  readonly place: Workplace;
  readonly at: Addresses;
  readonly servers: Readonly<Record<keyof Addresses, Served>>;
  /** Of the command, beside those of every workplace. */
  readonly env = {
    NODE_EXTRA_CA_CERTS: CA_FILE,
    STRIPE_KEY: KEYS.stripe,
    AWS_PAIR: KEYS.aws,
    INTERNAL_URL: KEYS.hazard,
    LEDGER_KEY: KEYS.ledger,
    LANG: "C",
  };

  private constructor(servers: Record<keyof Addresses, Served>) {
    const [api, local, open] = [servers.api, servers.local, servers.public];
    this.servers = servers;
    this.at = {
      api: `https://localhost:${api.port}`,
      local: `http://localhost:${local.port}`,
      public: `http://localhost:${open.port}`,
    };
    this.place = new Workplace({
      "pub/a.txt": "public\n",
      "private/note.md": KEYS.note,
      "private/config.json": JSON.stringify({ db: { password: KEYS.hazard }, count: 7, state: "green" }),
    });
  }

  /** `policy` is given the addresses of the servers. */
  static async start(policy: (at: Addresses) => string, { local, api }: Hosts = {}): Promise<LocalOnlyWorld> {
    const world = new LocalOnlyWorld({
      api: await serve(api ?? ((asked) => signed(asked)), { secure: true }),
      local: await serve(local ?? (() => ({ body: { state: "green", note: KEYS.note } }))),
      public: await serve(() => ({ body: "public" })),
    });
    world.place.write("agent-run.toml", policy(world.at));
    return world;
  }

  /** `$API`, `$LOCAL` and `$PUBLIC` in the script are the servers. Fails if the report holds a value. */
  async report(script: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<RunReport> {
    const report = await this.place.report(this.fill(script), args, {
      ...options,
      env: { ...this.env, ...options.env },
    });
    const leak = leakIn(JSON.stringify(report));
    if (leak !== null) throw new Error(`the report holds ${leak}`);
    return report;
  }

  fill(script: string): string {
    const { api, local, public: open } = this.at;
    const places: Readonly<Record<string, string>> = { API: api, LOCAL: local, PUBLIC: open };
    return script.replace(/\$(API|LOCAL|PUBLIC)\b/g, (_, name: string) => places[name] ?? "");
  }

  /** What a server was asked since this was called last. */
  heard(server: keyof Addresses): readonly Asked[] {
    return this.servers[server].heard.splice(0);
  }

  /** The operator's log of sealed work, of all runs. */
  sealedLog(): string {
    const folder = join(this.place.state, "agent-run/sealed");
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("");
  }

  async close(): Promise<void> {
    for (const server of Object.values(this.servers)) await server.close();
    this.place.remove();
  }
}

const signed = (asked: Asked): Answer =>
  isSigned(asked, KEYS)
    ? { body: { ok: true, path: asked.url.split("?")[0] } }
    : { status: 401, body: { error: "who are you?" } };
