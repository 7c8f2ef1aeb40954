/**
 * The channel to the person at the controlling terminal. Anything but the typed word is a no. Calls that were started
 * together are asked about one after the other: two questions at once would share what is typed. While one is open, nothing
 * that the script prints is shown.
 */
import { type Channel, commandChannel, type Reply, type Scope, type Ticket } from "@agent-run/approvals";
import type { PolicyData, Remember } from "@agent-run/policy";
import { approvalsDirectory, isWritable } from "@agent-run/runtime";
import { printableLine } from "./printable.ts";
import { askOnTerminal } from "./prompt/controlling-terminal.ts";
import { frameWord, type QuestionFacts, questionText } from "./prompt/question.ts";
import { lettersOf } from "./prompt/shown-value.ts";
import { readYes } from "./prompt/words.ts";
import type { ScriptOutput } from "./script-output.ts";
import type { Style } from "./style.ts";
import { writeError } from "./terminal.ts";

export interface TerminalOptions {
  readonly style: Style;
  readonly output: Pick<ScriptOutput, "holdDuring">;
  /** What an answer may be kept for. */
  readonly remember: Remember;
  /** Questions that a run may ask. */
  readonly maxPrompts: number;
}

const SCOPES: Readonly<Record<Remember, readonly Scope[]>> = {
  never: ["once"],
  run: ["once", "run"],
  save: ["once", "run", "until", "save"],
};

/** `agent-run approvals` elsewhere. `waits`: somebody is known to come; else it is one more way beside this terminal. */
export function secondTerminal(policy: PolicyData, waits: boolean): readonly Channel[] {
  const directory = approvalsDirectory();
  if (isWritable(policy, directory)) return [];
  const channel = commandChannel(directory, waits);
  if (!waits) return [channel];
  const told = new Set<string>();
  const ask: Channel["ask"] = (ticket, alike, signal) => {
    if (!told.has(ticket.nonce)) writeError(`${waitingLine(ticket)}\n`);
    told.add(ticket.nonce);
    return channel.ask(ticket, alike, signal);
  };
  return [{ ...channel, ask }];
}

/** Nobody would know otherwise what a run in a pipe is waiting for. */
const waitingLine = ({ nonce, capability, target, expiresMs }: Ticket): string =>
  `agent-run: ${printableLine(capability)} ${printableLine(target)} waits until ${new Date(expiresMs).toISOString()} for \`agent-run approvals approve ${nonce.slice(0, 8)}\` at another terminal`;

export class TerminalChannel implements Channel {
  readonly name = "terminal";
  readonly #options: TerminalOptions;
  readonly #word = frameWord();
  readonly #asked = new Map<string, number>();
  #before: Promise<unknown> = Promise.resolve();

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** Before a script runs: from then on a frame without the word can be told from ours. */
  announce(): void {
    const { style } = this.#options;
    writeError(`${style.yellow("agent-run:")} a question of ours bears the word ${style.bold(this.#word)}\n`);
  }

  ask(ticket: Ticket, alike: number, signal: AbortSignal): Promise<Reply | null> {
    const reply = this.#options.output.holdDuring(async () => {
      await this.#before;
      return this.#ask(ticket, alike, signal);
    });
    this.#before = reply.catch(() => undefined);
    return reply;
  }

  async #ask(ticket: Ticket, alike: number, signal: AbortSignal): Promise<Reply | null> {
    if (signal.aborted) return null;
    const { style, remember, maxPrompts } = this.#options;
    const nth = (this.#asked.get(ticket.run) ?? 0) + 1;
    const scopes: readonly Scope[] = ticket.irreversible ? ["once"] : SCOPES[remember];
    const facts: QuestionFacts = { ticket, alike, nth, most: maxPrompts, scopes };
    // Loaded with the first question only: most runs ask none.
    const { registrableDomain } = await import("@agent-run/authoring");
    const look = { style, letters: lettersOf(process.env), word: this.#word, domainOf: registrableDomain };
    const line = await askOnTerminal((columns) => {
      this.#asked.set(ticket.run, nth);
      return questionText(facts, { ...look, columns });
    }, signal);
    if (line === null) return null;
    const yes = readYes(line, ticket, scopes, Date.now());
    return yes === null ? { answer: "deny", by: this.name } : { ...yes, by: this.name };
  }
}
