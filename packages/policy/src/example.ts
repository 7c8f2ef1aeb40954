/**
 * `match` and `no_match` of a rule, held against it when the policy is loaded: does this rule, by itself, match that call?
 * Asked with the very patterns and clauses that decide, so an example that loads is true in a run. An example that names
 * no time (`now`) is one at which the rule is in force.
 */
import { atomsOf, isNarrow, listOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import type { CallFacts } from "./attribute.ts";
import { requestOf } from "./call.ts";
import { type Clause, failedClause, fails } from "./clauses.ts";
import type { PolicyCall } from "./condition.ts";
import type { PolicyData, RuleData } from "./policy-data.ts";
import type { CanonicalRequest } from "./request.ts";
import { Rule } from "./rule.ts";
import type { DeclaredRule } from "./rule-table.ts";
import { readSubject, type Subject } from "./subject.ts";
import { isAmong } from "./tool-name.ts";

/** Reports every example of the rule that is not so. */
export function checkExamples(
  { table, rules, examples, data: { name } }: DeclaredRule,
  data: PolicyData,
  home: string,
): void {
  for (const { call, at, matches } of examples) {
    const request = requestOf(call.call, data, { home });
    if (!request.ok) {
      table.report(at, request.failure.message);
      continue;
    }
    const answers = rules.flatMap((rule) => answersOf(rule, request.value, call, data));
    if (answers.some(({ failed }) => failed.length === 0) === matches) continue;
    if (!matches) table.report(at, `\`${name}\` matches this call`, "narrow the rule, or move the example to `match`");
    else table.report(at, `\`${name}\` does not match this call: ${whyNot(answers, call)}`);
  }
}

interface Answer {
  /** Sentences; none: it matches. */
  readonly failed: readonly string[];
}

/** The one that came nearest. */
function whyNot(answers: readonly Answer[], { call }: PolicyCall): string {
  const [nearest] = [...answers].sort((a, b) => a.failed.length - b.failed.length);
  return nearest === undefined ? `it is not about ${String(call.on)}` : nearest.failed.join("; ");
}

function answersOf(data: RuleData, request: CanonicalRequest, call: PolicyCall, policy: PolicyData): readonly Answer[] {
  const targets = request.targets.filter(({ on }) => isAmong(data.on, on));
  const subjects = targets.map((target) => readSubject(target, request.attrs)).filter((one) => one !== null);
  const { on, attrs } = request;
  const facts = { on, attrs, circumstances: call.circumstances, address: null, urls: [] };
  return subjects.map((subject) => answerOf(new Rule(data, 0), subject, facts, policy));
}

function answerOf(rule: Rule, subject: Subject, facts: CallFacts, { subprocess: { commands } }: PolicyData): Answer {
  const list = listOf(rule.data.effect);
  const narrow = isNarrow(list);
  const isTimeless = facts.circumstances.now === null;
  const counts = ({ what }: Clause) => !isTimeless || !TIMES.has(what);
  const atoms = atomsOf(rule, list, commands).map((one) => ({ ...one, clauses: one.clauses.filter(counts) }));
  const index = new AtomIndex(atoms, commands);
  if (index.find(subject, facts)[list].length > 0) return { failed: [] };
  const clauses = (atoms[0]?.clauses ?? []).filter((clause) => fails(clause, subject, facts, narrow));
  const said = clauses.map((clause) => failedClause(clause, subject, facts).says);
  return { failed: index.atoms(list, subject).length > 0 ? said : [placeText(subject), ...said] };
}

const TIMES: ReadonlySet<string> = new Set(["now", "hours", "expires"]);

const placeText = ({ target, ...subject }: Subject): string =>
  `the rule is not about ${subject.kind === "command" && "command" in subject ? subject.command.argv.join(" ") : target.value}`;
