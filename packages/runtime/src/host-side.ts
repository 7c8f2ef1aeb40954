/**
 * The host program's part in a run, in its own thread: schemas and effects of its capabilities, its objections, and what
 * it is told. It decides nothing that the policy does not allow. Whatever it throws, returns or never answers ends as a
 * failure of that call; what it threw stays here.
 */

import type { ToolFacts } from "@agent-run/effects";
import {
  type CallReport,
  type ConsultedCall,
  type Errand,
  type ErrandAnswer,
  fail,
  type Json,
  MAX_TOOL_ARGUMENTS,
  ok,
  type Result,
  toolNamed,
} from "@agent-run/gate";
import type { OwnCapability } from "./define-capability.ts";
import { jsonText } from "./plain-json.ts";
import { issuesText, oneLine } from "./standard-schema.ts";

/** A call that the policy lets through, before it happens. */
export interface CallBefore extends ConsultedCall {
  /** ULID of the run. */
  readonly run: string;
}

/** A call that has ended: its line of the report. */
export interface CallAfter extends CallReport {
  /** ULID of the run. */
  readonly run: string;
  /** What an own capability threw; only here, and in no report. */
  readonly cause?: unknown;
}

export interface HostHooks {
  readonly onCall?: (call: CallBefore, signal: AbortSignal) => string | undefined | Promise<string | undefined>;
  readonly onOutcome?: (call: CallAfter) => void;
}

export type HostErrand = Extract<Errand, { kind: "consult" | "validate" | "invoke" }>;

export const isHostErrand = (errand: Errand): errand is HostErrand =>
  errand.kind === "consult" || errand.kind === "validate" || errand.kind === "invoke";

const CLASS = { read: "read", reversible: "write", irreversible: "irreversible" } as const;

/** What the worker needs to know of it. Plain data. */
export interface HostOffer {
  readonly tools: readonly ToolFacts[];
  readonly consults: boolean;
  readonly told: boolean;
}

export class HostSide {
  readonly #capabilities: ReadonlyMap<string, OwnCapability>;
  readonly #hooks: HostHooks;

  /** Throws a TypeError where two have one name. */
  constructor(capabilities: readonly OwnCapability[], hooks: HostHooks) {
    this.#capabilities = new Map(capabilities.map((one) => [one.name, one]));
    if (this.#capabilities.size < capabilities.length) {
      const twice = capabilities.find((one) => this.#capabilities.get(one.name) !== one);
      throw new TypeError(`the capability \`${twice?.name}\` is defined twice`);
    }
    this.#hooks = hooks;
  }

  get offer(): HostOffer {
    return {
      tools: [...this.#capabilities.values()].map((one) => ({ name: one.name, class: CLASS[one.class] })),
      consults: this.#hooks.onCall !== undefined,
      told: this.#hooks.onOutcome !== undefined,
    };
  }

  /** For one run. */
  begin(run: string): RunHost {
    return new RunHost(run, this.#capabilities, this.#hooks);
  }
}

export class RunHost {
  readonly #run: string;
  readonly #capabilities: ReadonlyMap<string, OwnCapability>;
  readonly #hooks: HostHooks;
  /** Of the tool under way; a run has one at a time, as calls of tools are synchronous. */
  #cause: { readonly tool: string; readonly thrown: unknown } | null = null;

  constructor(run: string, capabilities: ReadonlyMap<string, OwnCapability>, hooks: HostHooks) {
    this.#run = run;
    this.#capabilities = capabilities;
    this.#hooks = hooks;
  }

  async perform(errand: HostErrand, signal: AbortSignal): Promise<ErrandAnswer> {
    if (errand.kind === "consult") return ok({ refused: await this.#objection(errand.call, signal) });
    const capability = this.#capabilities.get(errand.tool);
    if (capability === undefined) return failed(errand.tool, "is not defined");
    try {
      return errand.kind === "validate"
        ? await validated(capability, JSON.parse(errand.args) as Json)
        : await this.#invoked(capability, errand, signal);
    } catch (thrown) {
      this.#cause = { tool: toolNamed(errand.tool), thrown };
      return failed(errand.tool, "failed");
    }
  }

  /** An after-hook that throws changes nothing any more; whoever runs the program is told. */
  told(line: CallReport): void {
    const isOfTool = this.#cause?.tool === line.capability;
    const cause = this.#cause !== null && isOfTool ? { cause: this.#cause.thrown } : {};
    if (isOfTool) this.#cause = null;
    try {
      this.#hooks.onOutcome?.({ run: this.#run, ...line, ...cause });
    } catch (error) {
      process.emitWarning(`\`onOutcome\` threw: ${oneLine(String(error))}`, "AgentRunWarning");
    }
  }

  /** Null: none. What is no clear answer is an objection (DEFAULT-NO). */
  async #objection(call: ConsultedCall, signal: AbortSignal): Promise<{ readonly reason: string | null } | null> {
    try {
      const said = await this.#hooks.onCall?.({ run: this.#run, ...call }, signal);
      if (said === undefined) return null;
      return { reason: typeof said === "string" && said.trim() !== "" ? oneLine(said) : null };
    } catch {
      return { reason: null };
    }
  }

  async #invoked(
    { name, effect }: OwnCapability,
    { args, maxBytes }: Extract<HostErrand, { kind: "invoke" }>,
    signal: AbortSignal,
  ): Promise<ErrandAnswer> {
    const result = await effect(frozen(JSON.parse(args) as Json) as never, { signal, run: this.#run });
    const text = jsonText(result, `the result of \`${toolNamed(name)}\``, maxBytes);
    if (text.ok) return ok({ value: text.value });
    return text.failure.code === "E_TOO_LARGE" ? text : fail({ ...text.failure, code: "E_EXEC" });
  }
}

async function validated({ name, input, target }: OwnCapability, given: Json): Promise<ErrandAnswer> {
  const what = toolNamed(name);
  const made = await input["~standard"].validate(given);
  if (made.issues !== undefined) {
    return fail({
      code: "E_ARGUMENT",
      message: `\`${what}\` does not take these arguments: ${issuesText(made.issues)}`,
    });
  }
  const text = jsonText(made.value, `what the schema of \`${what}\` makes of the arguments`, MAX_TOOL_ARGUMENTS);
  if (!text.ok) return text;
  const about = target?.(frozen(JSON.parse(text.value) as Json) as never) ?? null;
  if (about !== null && typeof about !== "string") return failed(name, "has a `target` that gives no text");
  return ok({
    args: text.value,
    target: about === null || about.trim() === "" ? null : oneLine(about, MOST_OF_TARGET),
  });
}

const MOST_OF_TARGET = 200;

/** Nothing of what was thrown: it could hold what no script may see. */
const failed = (tool: string, how: string): Result<never> =>
  fail({ code: "E_EXEC", message: `\`${toolNamed(tool)}\` ${how}` });

function frozen(value: Json): Json {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
}
