/**
 * What a script prints, on its way to standard output. Into a pipe or a file it goes as it is; on a terminal it is made
 * safe to look at. While a person is asked it is held back, so that a script can neither draw over a question nor answer
 * for it: also from a pipe, which may end at the same terminal. Output that cannot be written is kept as a failure and stops the run.
 */
import type { CommandFailure } from "./exit.ts";
import { UnwritableOutput } from "./exit.ts";
import { printable } from "./printable.ts";
import { isTerminal, writeOut } from "./terminal.ts";

export class ScriptOutput {
  readonly #onTerminal = isTerminal(1);
  readonly #stop: () => void;
  #failure: CommandFailure | null = null;
  #questions = 0;
  #held = "";

  /** `stop`: called once, when output cannot be written. */
  constructor(stop: () => void) {
    this.#stop = stop;
  }

  get failure(): CommandFailure | null {
    return this.#failure;
  }

  readonly print = (text: string): void => {
    if (this.#questions > 0) this.#held += text;
    else this.#write(text);
  };

  /** Shows nothing while `question` is open; what was printed meanwhile comes after it. */
  async holdDuring<T>(question: () => Promise<T>): Promise<T> {
    this.#questions += 1;
    try {
      return await question();
    } finally {
      this.#questions -= 1;
      if (this.#questions === 0) this.#write(this.#held);
      if (this.#questions === 0) this.#held = "";
    }
  }

  #write(text: string): void {
    if (this.#failure !== null) return;
    try {
      writeOut(this.#onTerminal ? printable(text) : text);
    } catch (error) {
      if (!(error instanceof UnwritableOutput)) throw error;
      this.#failure = error;
      this.#stop();
    }
  }
}
