/**
 * What may be released, and how often (rule 7): only by the name of a rule of the policy, which says what is taken out
 * of which answer and what type it must have. The script chooses nothing but the rule: the handle must be the rule's own
 * source, asked for with public arguments, so that no path of the script's own leads to another value.
 */
import {
  type Failure,
  fail,
  type Handle,
  type Handles,
  isJsonObject,
  type Json,
  ok,
  type PolicyData,
  type ReleaseData,
  type Result,
  type SealedWrites,
} from "@agent-run/gate";
import { Policy } from "@agent-run/policy";

export class Releases {
  readonly #policy: PolicyData;
  readonly #handles: Handles;
  readonly #writes: SealedWrites;
  readonly #used = new Map<string, number>();

  constructor(policy: PolicyData, handles: Handles, writes: SealedWrites) {
    this.#policy = policy;
    this.#handles = handles;
    this.#writes = writes;
  }

  /** Counts against the rule's budget for this run. */
  admit(args: Json): Result<{ readonly rule: ReleaseData; readonly handle: Handle }> {
    const { rule: name = null, token = null } = isJsonObject(args) ? args : {};
    const rules = this.#policy.localOnly?.releases ?? [];
    const rule = rules.find((one) => one.name === name);
    if (rule === undefined) return fail(unknownRule(name, rules));
    const handle = typeof token === "string" ? this.#handles.find(token) : undefined;
    if (handle === undefined || handle.origin.kind !== "answer" || handle.origin.of !== sourceOf(rule))
      return fail(otherSource(rule));
    if (this.#mayBeWritten(rule)) return fail(written(rule));
    const used = this.#used.get(rule.name) ?? 0;
    if (used >= rule.perRun) return fail(usedUp(rule));
    this.#used.set(rule.name, used + 1);
    return ok({ rule, handle });
  }

  #mayBeWritten({ from }: ReleaseData): boolean {
    if (from.kind !== "file" || !this.#writes.mayHaveReached(from.path)) return false;
    const target = { on: "fs.write", role: "write", kind: "path", value: from.path } as const;
    const { effect, sealed } = Policy.revive(this.#policy).widest().decideTarget(target);
    return effect !== "deny" && sealed !== undefined;
  }
}

const written = (rule: ReleaseData): Failure => ({
  code: "E_RELEASE",
  message: `rule \`${rule.name}\` releases nothing of a file that sealed work of this run may have written`,
  rule: rule.ref,
  hint: "release first, and do the sealed work after it",
});

/** As `Origin.of` has it. Both sides are canonical already. */
const sourceOf = ({ from }: ReleaseData): string =>
  from.kind === "file" ? `file:${from.path}` : `${from.method} ${from.url}`;

const unknownRule = (name: Json, rules: readonly ReleaseData[]): Failure => ({
  code: "E_RELEASE",
  message: `no release rule \`${String(name).slice(0, 100)}\``,
  hint:
    rules.length === 0
      ? "the policy has no `[[release]]`; the operator can add one"
      : `there are: ${rules.map((rule) => `\`${rule.name}\``).join(", ")}`,
});

const otherSource = (rule: ReleaseData): Failure => ({
  code: "E_RELEASE",
  message: `rule \`${rule.name}\` accepts only ${sourceText(rule)} itself, asked for with public arguments`,
  rule: rule.ref,
  hint: `pass what ${callText(rule)} returned, unchanged`,
});

const usedUp = (rule: ReleaseData): Failure => ({
  code: "E_RELEASE",
  message: `the budget of rule \`${rule.name}\` is used up (${rule.perRun} per run)`,
  rule: rule.ref,
  hint: "raise `per_run` of the rule, which lets more be told in one run",
});

const sourceText = ({ from }: ReleaseData): string =>
  from.kind === "file" ? `the file \`${from.path}\`` : `the answer of \`${from.method} ${from.url}\``;

const callText = ({ from }: ReleaseData): string =>
  from.kind === "file"
    ? `\`fs.read("${from.path}")\``
    : `\`net.http${from.method === "GET" ? "Get" : "Post"}("${from.url}")\``;
