/**
 * Guards what counts as typed by a person: one line, read from the controlling terminal itself, after the question was
 * shown and could be read. Standard input is not asked, since whoever started the command may have filled it.
 *
 * The terminal is raw meanwhile: what was typed before lies unread in its queue and is thrown away, and what is typed
 * beside an answer is not left for the shell, which would run it. `^C` is a no and interrupts as ever; `^Z` stops the job.
 */
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { Typing } from "./typing.ts";

/** Milliseconds in which nobody reads a question; keys that were on their way do not answer it. */
const DEAF_MS = 300;

/** Milliseconds in which a signal reaches our own handler. */
const INTERRUPT_MS = 100;

const TERMINAL = "/dev/tty";

/**
 * Shows a question and waits for a typed line. Null: it could not be shown, or `signal` took it back. Empty: `^C`, `^D`, a
 * terminal that went away, which all are a no. `columns`: of the terminal.
 */
export async function askOnTerminal(
  question: string | ((columns: number) => string),
  signal?: AbortSignal,
): Promise<string | null> {
  if (signal?.aborted || !isForeground()) return null;
  const terminal = openTerminal();
  if (terminal === null) return null;
  try {
    const text = typeof question === "string" ? question : question(terminal.columns);
    return await new Asking(terminal, text).answer(signal);
  } finally {
    terminal.close();
  }
}

/**
 * A job in the background is not asked: the shell's user types for the shell, and reading would stop us (SIGTTIN), as
 * writing may (SIGTTOU). proc_pid_stat(5): fields 5 and 8 are our group and the terminal's. Elsewhere it is not known.
 */
function isForeground(): boolean {
  if (process.platform !== "linux") return true;
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    return true;
  }
}

interface Terminal {
  readonly input: ReadStream;
  readonly columns: number;
  write(text: string): void;
  close(): void;
}

function openTerminal(): Terminal | null {
  const opened: number[] = [];
  const open = (flags: number) => {
    const fd = openSync(TERMINAL, flags | constants.O_NOCTTY);
    opened.push(fd);
    return fd;
  };
  try {
    const out = open(constants.O_RDWR);
    const columns = new WriteStream(open(constants.O_RDWR));
    const input = new ReadStream(open(constants.O_RDWR));
    const width = columns.columns;
    columns.destroy();
    return {
      input,
      columns: width,
      write: (text) => writeAll(out, text),
      close: () => {
        input.destroy();
        closeSync(out);
      },
    };
  } catch {
    // Whatever could be opened is closed with the process; there is no terminal to ask on.
    return null;
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** One question on one terminal. */
class Asking {
  readonly #terminal: Terminal;
  readonly #question: string;
  #typing = new Typing();
  #since = 0;
  #finish: (answer: string | null) => void = () => undefined;

  constructor(terminal: Terminal, question: string) {
    this.#terminal = terminal;
    this.#question = question;
  }

  async answer(signal: AbortSignal | undefined): Promise<string | null> {
    const { input } = this.#terminal;
    const takenBack = () => this.#finish(null);
    const gone = () => this.#finish("");
    const continued = () => this.#continued();
    const answered = new Promise<string | null>((resolve) => {
      this.#finish = resolve;
    });
    signal?.addEventListener("abort", takenBack, { once: true });
    process.on("SIGCONT", continued);
    input.on("error", gone).on("end", gone).on("close", gone);
    input.on("data", (data) => this.#take(data.toString("latin1")));
    try {
      this.#show();
      return await answered;
    } catch {
      return "";
    } finally {
      signal?.removeEventListener("abort", takenBack);
      process.off("SIGCONT", continued);
      this.#leave();
    }
  }

  #show(): void {
    this.#terminal.input.setRawMode(true);
    discard();
    this.#terminal.write(this.#question);
    this.#typing = new Typing();
    this.#since = performance.now();
  }

  #take(data: string): void {
    const isDeaf = performance.now() - this.#since < DEAF_MS;
    const { echo, end } = isDeaf ? Typing.urgent(data) : this.#typing.take(data);
    try {
      this.#terminal.write(echo);
    } catch {
      this.#finish("");
    }
    if (end === "line") this.#finish(this.#typing.line);
    else if (end === "end") this.#finish("");
    else if (end === "interrupt") this.#interrupted();
    else if (end === "stop") this.#stopped();
  }

  /** The signal that the terminal would have sent; where it ends a run, that comes before the no ends the call. */
  #interrupted(): void {
    this.#terminal.input.setRawMode(false);
    process.kill(process.pid, "SIGINT");
    setTimeout(() => this.#finish(""), INTERRUPT_MS);
  }

  #stopped(): void {
    this.#terminal.input.setRawMode(false);
    process.kill(0, "SIGTSTP");
  }

  /** Brought back: what was on the screen has scrolled away, and what was typed was for the shell. */
  #continued(): void {
    try {
      if (!isForeground()) throw new Error("a job in the background is not asked");
      this.#terminal.write("\n");
      this.#show();
    } catch {
      this.#finish("");
    }
  }

  /** Nothing that was typed is left, and what comes next does not stand behind the question. */
  #leave(): void {
    try {
      if (!isForeground()) return;
      this.#terminal.write("\n");
      discard();
      this.#terminal.input.setRawMode(false);
    } catch {
      // nobody sees it
    }
  }
}

/** Empties the queue of what was typed; the terminal is raw, so that unfinished lines are in it, too. */
function discard(): void {
  const probe = openSync(TERMINAL, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const buffer = Buffer.alloc(4096);
    while (readSync(probe, buffer) > 0);
  } catch {
    // nothing was waiting
  } finally {
    closeSync(probe);
  }
}
