/** Runs the built command as a person would: a process, with its own home and state, in a directory of its own. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RunReport } from "@agent-run/runtime";
import { execa } from "execa";
import { ROOT } from "./sources.ts";

export const COMMAND = join(ROOT, "dist/agent-run.cjs");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called once the process runs, e.g. to interrupt it. */
  onStart?(interrupt: () => void, pid: number): void;
}

/** A directory with files, and a home and a state directory beside it that hold nothing. */
export class Workplace {
  readonly base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-command-")));
  readonly directory = join(this.base, "project");
  readonly home = join(this.base, "home");
  readonly state = join(this.base, "state");

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const folder of [this.directory, this.home]) mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): string {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), "utf8");
  }

  has(name: string): boolean {
    return existsSync(join(this.directory, name));
  }

  /** Files of the runs recorded so far, oldest first. */
  records(): string[] {
    const runs = join(this.state, "agent-run/runs");
    return existsSync(runs)
      ? readdirSync(runs)
          .sort()
          .map((name) => join(runs, name))
      : [];
  }

  async run(args: readonly string[], { stdin = "", env = {}, onStart }: CommandOptions = {}): Promise<Ended> {
    const child = execa(process.execPath, [COMMAND, ...args], {
      cwd: this.directory,
      env: { PATH: process.env.PATH ?? "", HOME: this.home, XDG_STATE_HOME: this.state, ...env },
      extendEnv: false,
      input: stdin,
      reject: false,
      stripFinalNewline: false,
    });
    onStart?.(() => child.kill("SIGINT"), child.pid ?? -1);
    const { exitCode = null, stdout, stderr } = await child;
    return { code: exitCode, stdout, stderr };
  }

  /** Runs a script under agent-run.toml and gives its report. */
  async report(script: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<RunReport> {
    const ended = await this.run(["--policy", "agent-run.toml", "--json", ...args, "-"], { ...options, stdin: script });
    return JSON.parse(ended.stdout) as RunReport;
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}
