/**
 * The command at a terminal: `script` of util-linux gives a controlling one, its standard input is what is typed. What
 * the terminal shows is kept, with its own ends of lines (CR LF) as LF.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { COMMAND, type Workplace } from "./command.ts";

/** Before a question can have been read, what is typed is not taken for an answer. */
const HEARD_MS = 450;

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string>>;
  wrap?(command: string): string;
}

export class Terminal {
  /** Everything it showed, once the command has ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  #shown = "";
  #wake: () => void = () => undefined;

  /** `args`: words of a shell. `wrap`: the command that the shell is given, around ours. */
  constructor(place: Workplace, args: string, { env: more = {}, wrap = (command) => command }: TerminalOptions = {}) {
    const command = wrap(`${process.execPath} ${COMMAND} ${args}`);
    const env = { ...process.env, LC_ALL: "C.UTF-8", HOME: place.home, XDG_STATE_HOME: place.state, ...more };
    this.#child = spawn("script", ["-qec", command, "/dev/null"], { cwd: place.directory, env });
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      this.#shown += chunk;
      this.#wake();
    });
    this.ended = new Promise((resolve) => this.#child.once("close", () => resolve(this.shown)));
  }

  get shown(): string {
    return this.#shown.replaceAll("\r\n", "\n");
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Types a line once a question stands there for so long that it is heard. */
  async answer(line: string): Promise<void> {
    await sleep(HEARD_MS);
    this.type(`${line}\n`);
  }

  /** The terminal goes away under the command. */
  hangUp(): void {
    this.#child.kill("SIGKILL");
  }

  /** Waits until `text` is shown so many times; fails if the command ends first. */
  async until(text: string, times = 1): Promise<void> {
    const ended = this.ended.then(() => true);
    const isThere = () => this.#shown.split(text).length > times;
    while (!isThere()) {
      const said = new Promise<false>((resolve) => {
        this.#wake = () => resolve(false);
      });
      if ((await Promise.race([said, ended])) && !isThere()) throw new Error(`the command ended first: ${this.#shown}`);
    }
  }
}
