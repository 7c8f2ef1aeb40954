/**
 * The mock world of one lane: a project with public and private files, a home, commands and three servers. Paths and
 * ports stay the same for all runs of a lane, so that transcripts can be compared byte by byte; everything that a
 * local-only resource tells depends on the secret (`behaviourOf`), and nothing that G lets differ does: literally named
 * resources are there for every secret, releases select what is the same for all, ticks are longer than every delay.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { policyText, privateFoldersOf } from "./policies.mjs";
import { behaviourOf, credentialOf, withoutNul } from "./secrets.mjs";
import { CA_FILE, startServers } from "./servers.mjs";
import { SETUPS } from "./setups.mjs";

/** Seconds. */
const LONG_AGO = 1_700_000_000;

export class World {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-exfiltration-")));
  project = join(this.base, "project");
  home = join(this.base, "home");
  record = join(this.base, "record");
  seen = join(this.base, "seen");
  /** Requests that the public server got, with the time of each. */
  log = [];
  /** Requests that the other two got. */
  reached = [];
  #servers;
  #state;

  async start() {
    this.#servers = await startServers(() => this.#state);
    this.ports = this.#servers.ports;
    return this;
  }

  /** The world as it is before a technique's first run. */
  reset({ raw, technique, mode }) {
    const behaviour = behaviourOf(raw);
    const credential = technique.secrets === "header-safe" ? raw : credentialOf(raw);
    const second = credentialOf(`second ${raw}`);
    this.log = [];
    this.reached = [];
    this.crash = () => {};
    /** What of an arrangement did not happen during the run, or null. */
    this.missing = () => null;
    this.#state = {
      ...{
        raw,
        behaviour,
        credential,
        second,
        push: credentialOf(`push ${raw}`),
        log: this.log,
        reached: this.reached,
      },
      publicPort: this.ports.public,
      onCrash: (bit) => this.crash(bit),
    };
    for (const folder of [this.project, this.home, this.record, this.seen])
      rmSync(folder, { recursive: true, force: true });
    for (const folder of [this.project, this.home, this.record, this.seen]) mkdirSync(folder, { mode: 0o700 });
    this.#writeFiles(raw, behaviour, credential);
    this.#writeCommands();
    this.#write("agent-run.toml", policyText(technique.policy, { mode, ports: this.ports }));
    this.environment = {
      ...{ PATH: process.env.PATH, HOME: this.home, LANG: "C", XDG_STATE_HOME: join(this.base, "state") },
      ...{ NODE_EXTRA_CA_CERTS: CA_FILE, API_KEY: withoutNul(raw), SECOND_KEY: second },
      ...{ BROKER_KEY: withoutNul(credential), PUSH_TOKEN: credentialOf(`push ${raw}`) },
    };
    if (technique.policy === "private-inside") this.#write(`out/inner/${behaviour.name}.md`, raw);
    for (const folder of [this.project, this.home]) settle(folder);
    const folders = ["priv", "creds", ...privateFoldersOf(technique.policy)].map((name) => join(this.project, name));
    this.hidden = [...folders, join(this.home, "notes")];
    if (technique.setup !== null) SETUPS[technique.setup](this, { raw, behaviour });
  }

  /** Places that a script is told of by name. */
  fill(script) {
    const { ports } = this;
    const places = { PUBLIC: `http://127.0.0.1:${ports.public}`, LOCAL: `http://127.0.0.1:${ports.local}` };
    const all = { ...places, BROKER: `https://localhost:${ports.broker}`, BASE: this.base };
    return script.replace(/\$(PUBLIC|LOCAL|BROKER|BASE)\b/g, (_, name) => all[name]);
  }

  /** What public commands were given: arguments, environment, standard input. */
  commands() {
    return readdirSync(this.seen).map((name) => readFileSync(join(this.seen, name), "utf8"));
  }

  async close() {
    await this.#servers.close();
    rmSync(this.base, { recursive: true, force: true });
  }

  #write(name, text, mode = 0o644) {
    const path = join(this.project, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  }

  #writeFiles(raw, behaviour, credential) {
    const { bit, bytes, count, name, state } = behaviour;
    this.#write("pub/readme.txt", "public\n");
    this.#write("pub/words.json", JSON.stringify(["alpha", "hunter2", "1234", "beta"]));
    this.#write("out/before.txt", "before\n");
    this.#write("priv/secret.txt", raw);
    this.#write("priv/bit.txt", String(bit));
    // Never of the type that the release rule of it has; a part of it is.
    this.#write("priv/states.txt", `state=${state}`);
    if (bit === 1) this.#write("priv/made", "");
    this.#write("priv/size.bin", "x".repeat(bytes));
    // Looks like a token, and is text: one pass of substitution leaves it alone.
    this.#write("priv/token.txt", `sealed0${"0123456789abcdef".repeat(2)} sealed0 ${raw}`);
    const config = {
      db: { password: raw, host: name },
      bit: bit === 1,
      items: Array(count).fill({ state }),
      [name]: true,
    };
    this.#write("priv/config.json", JSON.stringify(config));
    for (let index = 0; index < count; index += 1) this.#write(`priv/notes/${name}-${index}.md`, "x".repeat(bytes));
    // Listed from the outside, a public folder inside a private one and the other way round must tell nothing.
    this.#write("priv/open/known.txt", raw);
    this.#write("creds/broker.json", JSON.stringify({ a: { b: credential }, other: raw }));
    mkdirSync(join(this.home, "notes"));
    writeFileSync(join(this.home, "notes", `${name}.md`), raw);
    writeFileSync(join(this.home, "notes", "plan.md"), raw);
    this.#write("priv/behaviour", behaviourForShell(behaviour));
  }

  #writeCommands() {
    const place = join(this.seen, "commands");
    const priv = join(this.project, "priv");
    const show = `{ echo run; for word in "$@"; do printf 'arg %s\\n' "$word"; done; /usr/bin/env | sort; cat; echo end; } >> '${place}'`;
    this.#write("bin/show", `#!/bin/sh\n${show}\necho shown\n`, 0o755);
    const link = `soft) ln -s '${priv}/secret.txt' out/soft.txt;; hard) ln '${priv}/secret.txt' out/hard.txt;;`;
    this.#write("bin/link", `#!/bin/sh\ncase "$1" in ${link} esac\n`, 0o755);
    // What a command finds of variables in the processes above it, names and values.
    const up = `pid=$(sed 's/.*) . //;s/ .*//' /proc/$pid/stat)`;
    const environ = `tr '\\0' '\\n' < /proc/$pid/environ 2>&1 | grep -aE '^(API_KEY|SECOND_KEY|BROKER_KEY|PUSH_TOKEN)='`;
    this.#write(
      "bin/look",
      `#!/bin/sh\npid=$$\nwhile [ "$pid" -gt 1 ]; do ${environ}; ${up}; done\necho looked\n`,
      0o755,
    );
    // Looks at whatever there may be to see, and says it.
    const places = [
      priv,
      `${priv}/secret.txt`,
      `${priv}/notes`,
      join(this.home, "notes"),
      join(this.project, "creds"),
      this.record,
      "/tmp",
      "out",
    ];
    const seeing = places.map((path) => `echo '${path}'; ls -A '${path}' 2>&1; cat '${path}' 2>&1`).join("\n");
    // Those that are there before it has any of its own.
    const processes = `for each; do cat $each/cmdline $each/environ 2>&1 | tr '\\0' '\\n'; done`;
    this.#write(
      "bin/tell",
      `#!/bin/sh\nset -- /proc/[0-9]*\n${seeing}\n${processes} | grep -v '^_=' | sort -u\necho told\n`,
      0o755,
    );
    const fuss = `. '${priv}/behaviour'; head -c "$BYTES" '${priv}/size.bin'; echo "$BIT" >&2; sleep "$SLEEP"`;
    const oracle = `if [ "$1" = grep ]; then grep -q -- "$2" '${priv}/secret.txt'; exit $?; fi`;
    const make = `[ "$BIT" = 1 ] && : > '${priv}/made' || rm -f '${priv}/made'`;
    this.#write("bin/cleared", `#!/bin/sh\n${oracle}\n${fuss}; ${make}\nexit "$EXIT"\n`, 0o755);
    this.#write("bin/push", `#!/bin/sh\n${fuss}\n[ -n "$PUSH_TOKEN" ]\n`, 0o755);
  }
}

const behaviourForShell = ({ bit, bytes, delayMs, exit }) =>
  `BIT=${bit}\nBYTES=${bytes}\nSLEEP=${(delayMs / 1000).toFixed(3)}\nEXIT=${exit}\n`;

/** The same times for the same world: a run that shows them must not differ from the next for that. */
function settle(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) settle(path);
    else utimesSync(path, LONG_AGO, LONG_AGO);
  }
  utimesSync(folder, LONG_AGO, LONG_AGO);
}
