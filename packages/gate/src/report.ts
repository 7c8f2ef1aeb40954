/**
 * The report's `calls`: one line a call, with the last decision about it and how it ended. A line is there from the
 * first decision on, so that a run that is cut off in the middle of a call still tells of it.
 */
import type { Code, Decision, Result } from "@agent-run/policy";
import type { Call } from "./call.ts";
import type { CallReport } from "./ports.ts";
import { targetText } from "./refusal.ts";

export class Report {
  readonly #root: string;
  readonly #told: (line: CallReport) => void;
  readonly #lines: CallReport[] = [];

  /** Paths below `root` are shown relative to it. */
  constructor(root: string, told: (line: CallReport) => void = () => undefined) {
    this.#root = root;
    this.#told = told;
  }

  get calls(): readonly CallReport[] {
    return this.#lines;
  }

  /** The call's number, given at its first decision. Until the call has ended its line says that it was cut off. */
  decided(call: Call, decision: Decision): number {
    call.seq ??= this.#lines.length + 1;
    const { seq, typed } = call;
    const capability = decision.target?.on ?? typed.on;
    const target = targetText(typed, decision, this.#root);
    this.#lines[seq - 1] = {
      seq,
      capability,
      target,
      decision: decision.effect,
      rule: decision.rule.id,
      code: CUT_OFF,
    };
    return seq;
  }

  ended({ seq }: Call, result: Result<unknown>): void {
    const line = seq === null ? undefined : this.#lines[seq - 1];
    if (line === undefined) return;
    const ended = { ...line, code: result.ok ? null : result.failure.code };
    this.#lines[line.seq - 1] = ended;
    this.#told(ended);
  }
}

const CUT_OFF: Code = "E_INTERRUPTED";
