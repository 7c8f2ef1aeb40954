/** Runs a script in the real bash where nothing but fakes can be started, and tells what it started and wrote. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostWorld, hostWorld } from "@agent-run/runtime/host-calls";

/** Programs that only write down their words: one succeeds, one fails, one prints what would be bad as a command. */
const FAKES = { aa: "exit 0", bb: "exit 1", cc: "echo 'aa cc-out; aa *'; exit 0" };

export interface Ran {
  /** The words of each program, its name first. */
  readonly started: readonly (readonly string[])[];
  /** Names below the directory that were not there before. */
  readonly written: readonly string[];
}

export class RealBash {
  readonly #top = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-bash-")));
  readonly #bin = join(this.#top, "bin");
  #runs = 0;

  constructor() {
    mkdirSync(this.#bin);
    for (const [name, end] of Object.entries(FAKES)) {
      const file = join(this.#bin, name);
      // One write for all words, as programs of a pipe write at the same time.
      writeFileSync(file, `#!/bin/bash\nprintf '%s\\0' "$#" ${name} "$@" >> "$FAKES_LOG"\n${end}\n`);
      chmodSync(file, 0o755);
    }
    symlinkSync("/bin/bash", join(this.#bin, "bash"));
  }

  /** A fresh directory with files that wildcards find. */
  directory(): string {
    const cwd = join(this.#top, `run${this.#runs++}`);
    for (const one of ["", "sub", "home"]) mkdirSync(join(cwd, one));
    for (const one of ["f1.t", "f2.t", "sub/g.t", ".hidden"]) writeFileSync(join(cwd, one), "");
    return cwd;
  }

  world(cwd: string): HostWorld {
    return { ...hostWorld(), home: join(cwd, "home"), environment: { PATH: this.#bin }, isProgram: () => false };
  }

  run(script: string, cwd: string): Ran {
    const before = new Set(namesBelow(cwd));
    // Of its own: what an earlier script left running writes to another.
    const log = join(this.#top, `log${this.#runs}`);
    spawnSync("/bin/bash", ["--norc", "--noprofile", "-c", script], {
      cwd,
      env: { PATH: this.#bin, HOME: join(cwd, "home"), FAKES_LOG: log },
      input: "",
      timeout: 5000,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const text = existsSync(log) ? readFileSync(log, "utf8") : "";
    return { started: startedIn(text.split("\0")), written: namesBelow(cwd).filter((name) => !before.has(name)) };
  }

  close(): void {
    rmSync(this.#top, { recursive: true, force: true });
  }
}

const namesBelow = (directory: string): string[] => readdirSync(directory, { recursive: true, encoding: "utf8" });

/** The number of words behind the name, the name, the words; and so on. */
function startedIn(texts: readonly string[]): readonly (readonly string[])[] {
  const started: (readonly string[])[] = [];
  for (let at = 0; at + 1 < texts.length; ) {
    const end = at + 2 + Number(texts[at]);
    started.push(texts.slice(at + 1, end));
    at = end;
  }
  return started;
}
