import { CODES, type Code } from "@agent-run/policy";

/** An end of the command that is not a script's: it has a code, a sentence, and maybe a hint and details. */
export class CommandFailure extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  /** Text for a person, shown as it is (a list of problems with their lines). */
  readonly details: string | undefined;
  /** The same for `--json`. */
  readonly problems: readonly object[] | undefined;

  constructor(
    code: Code,
    message: string,
    more: { hint?: string; details?: string; problems?: readonly object[] } = {},
  ) {
    super(message);
    this.code = code;
    this.hint = more.hint;
    this.details = more.details;
    this.problems = more.problems;
  }

  get exitCode(): number {
    return CODES[this.code].exit;
  }
}

/** Standard output takes no more, so whoever reads it would go on with a part. */
export class UnwritableOutput extends CommandFailure {
  constructor(reason: string) {
    super("E_CONFIG", `standard output cannot be written: ${reason}`, {
      hint: "what was printed is cut off; send it to where there is room",
    });
  }
}
