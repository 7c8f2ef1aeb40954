/**
 * The command at a terminal: `script` of util-linux gives a controlling one, its standard input is what is typed. What
 * the terminal shows is kept, with its own ends of lines (CR LF) as LF.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { COMMAND, type Workplace } from "./command.ts";

export class Terminal {
  /** Everything it showed, once the command has ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  #shown = "";
  #wake: () => void = () => undefined;

  /** `args`: words of a shell. */
  constructor(place: Workplace, args: string) {
    const command = `${process.execPath} ${COMMAND} ${args}`;
    const env = { ...process.env, HOME: place.home, XDG_STATE_HOME: place.state };
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

  /** Waits until `text` is shown; fails if the command ends first. */
  async until(text: string): Promise<void> {
    const ended = this.ended.then(() => true);
    while (!this.#shown.includes(text)) {
      const said = new Promise<false>((resolve) => {
        this.#wake = () => resolve(false);
      });
      if ((await Promise.race([said, ended])) && !this.#shown.includes(text))
        throw new Error(`the command ended first: ${this.#shown}`);
    }
  }
}
