/** Lists, pipes, branches and loops: which commands may run, and what is known where they do. */
import type { CommandNode, CompoundList, ParsedScript, Pipeline, Redirection, Statement, Word } from "unbash";
import { setVariable } from "./assignment.ts";
import { isBuiltin } from "./builtin.ts";
import { type Reader, simpleCommand } from "./command.ts";
import { testExpression } from "./condition.ts";
import { MAX_CWDS, type Reading } from "./reading.ts";
import { redirected } from "./redirect.ts";
import { problemOf } from "./script-text.ts";
import { after, both, ended, isSame, joined, left, type Outcome, type State, unsure } from "./state.ts";
import { SOME_TEXT, type Value } from "./value.ts";
import { expandOne, expandWords, refuseNames } from "./word.ts";

/** What the script leaves; null: the shell has ended by then. */
export function readScript(script: ParsedScript, state: State, reading: Reading): State | null {
  const problem = problemOf(script);
  if (problem !== null)
    reading.refuse("a script in it", `the shell grammar does not take it: ${problem}`, "write it plainly");
  return after(statements(script.commands, state, reading));
}

const READER: Reader = {
  script: readScript,
  body: (name, state, reading) => {
    const node = state.functions.get(name);
    return node === undefined ? state : after(command(node.body as CommandNode, unsure(state), reading));
  },
};

function statements(list: readonly Statement[], start: State, reading: Reading): Outcome {
  let outcome = both(start);
  for (const one of list) {
    const state = after(outcome);
    if (state === null || !reading.step()) return state === null ? ended : outcome;
    const isMarked = one.background === true;
    outcome = isMarked
      ? both(left(state, after(node(one.command, unsure(state), reading))))
      : node(one.command, state, reading);
    const cwds = after(outcome)?.cwds.length ?? 0;
    if (cwds > MAX_CWDS) reading.refuse("cd", "there are too many places where the script may be", "split it");
  }
  return outcome;
}

function node(one: Statement["command"], state: State, reading: Reading): Outcome {
  if (one.type === "AndOr") {
    const [first, ...rest] = one.commands;
    let outcome = first === undefined ? both(state) : node(first, state, reading);
    for (const [at, next] of rest.entries()) {
      const isAnd = one.operators[at] === "&&";
      const from = isAnd ? outcome.success : outcome.failure;
      const then = from === null ? ended : node(next, unsure(from), reading);
      outcome = isAnd
        ? { success: then.success, failure: joined(outcome.failure, then.failure) }
        : { success: joined(outcome.success, then.success), failure: then.failure };
    }
    return certainAs(state, outcome);
  }
  return one.type === "Pipeline" ? pipeline(one, state, reading) : command(one, state, reading);
}

const certainAs = ({ isCertain }: State, { success, failure }: Outcome): Outcome => ({
  success: success === null ? null : { ...success, isCertain },
  failure: failure === null ? null : { ...failure, isCertain },
});

/** Each part of a pipe is in a subshell; shells differ about the last. */
function pipeline({ prefixes, commands, operators }: Pipeline, state: State, reading: Reading): Outcome {
  if (state.isPosix && operators.includes("|&")) reading.refuse("|&", "`sh` reads it differently", "write `2>&1 |`");
  const [only] = commands;
  if (only === undefined) return both(state);
  if (commands.length === 1) {
    const outcome = command(only, state, reading);
    const isTurned = prefixes.filter(({ type }) => type === "Negation").length % 2 === 1;
    return isTurned ? { success: outcome.failure, failure: outcome.success } : outcome;
  }
  const inner = commands.map((one) => after(command(one, unsure(state), reading)));
  const last = inner[inner.length - 1] ?? null;
  const behind = inner.reduce<State>((next, one) => left(next, one), state);
  return both(certainAs(state, both(joined(behind, last) ?? behind)).success ?? state);
}

function command(one: CommandNode, state: State, reading: Reading): Outcome {
  if (!reading.step()) return both(state);
  switch (one.type) {
    case "Command":
      return simpleCommand(one, state, reading, READER);
    case "Redirected":
      return command(one.command, redirected(one.redirects as readonly Redirection[], state, reading), reading);
    case "BraceGroup":
      return list(one.body, state, reading);
    case "Subshell":
      return both(left(state, after(list(one.body, unsure(state), reading))));
    case "If":
      return certainAs(state, branches(one, state, reading));
    case "While":
      return certainAs(
        state,
        loop(state, reading, (at) => whileRound(one.clause, one.body, one.kind === "until", at, reading)),
      );
    case "For":
      return certainAs(state, forEach(one.name, one.wordlist, one.body, state, reading));
    case "Case":
      return certainAs(state, cases(one, state, reading));
    case "Function":
      return define(one, state, reading);
    case "TestCommand":
      if (state.isPosix) reading.refuse("[[", "`sh` reads it differently", "use `[`");
      testExpression(one.expression, state, reading);
      return both(state);
    case "ArithmeticCommand":
      if (state.isPosix) reading.refuse("((", "`sh` reads it differently", "use `[`");
      refuseNames(one.body, reading);
      return both(state);
    default:
      reading.refuse(one.type, "this form is not read here", "write plain commands");
      return both(state);
  }
}

const list = ({ commands }: CompoundList, state: State, reading: Reading): Outcome =>
  statements(commands, state, reading);

function branches(
  { clause, then, elif, else: otherwise }: Extract<CommandNode, { type: "If" }>,
  state: State,
  reading: Reading,
): Outcome {
  let results: Outcome = ended;
  let from: State | null = unsure(state);
  for (const one of [{ clause, then }, ...elif]) {
    if (from === null) break;
    const tested = list(one.clause, from, reading);
    if (tested.success !== null) results = either(results, list(one.then, tested.success, reading));
    from = tested.failure;
  }
  if (from === null) return results;
  return either(results, otherwise === undefined ? both(from) : list(otherwise, from, reading));
}

const either = (a: Outcome, b: Outcome): Outcome => ({
  success: joined(a.success, b.success),
  failure: joined(a.failure, b.failure),
});

/** Goes round until nothing new is known at its head; `round` gives what it leaves and the state for the next round. */
function loop(
  start: State,
  reading: Reading,
  round: (at: State) => readonly [out: State | null, again: State | null],
): Outcome {
  let head = unsure(start);
  let out: State | null = null;
  for (let rounds = 0; rounds < MAX_ROUNDS && reading.step(); rounds++) {
    const [leaves, again] = round(head);
    out = joined(out, leaves);
    const next = joined(head, again) ?? head;
    if (isSame(head, next)) return out === null ? ended : both(out);
    head = next;
  }
  reading.refuse("a loop", "it changes what it does too often to be read", "write the commands themselves");
  return both(head);
}

const MAX_ROUNDS = 12;

/** `break` may leave it from anywhere, so what any round leaves counts. */
function whileRound(
  clause: CompoundList,
  body: CompoundList,
  isUntil: boolean,
  at: State,
  reading: Reading,
): readonly [State | null, State | null] {
  const { success, failure } = list(clause, at, reading);
  const [enters, leaves] = isUntil ? [failure, success] : [success, failure];
  const again = enters === null ? null : after(list(body, enters, reading));
  return [joined(leaves, again), again];
}

/** Each word by itself, so that the body is read with its value; in any order, as `continue` and `break` may skip some. */
function forEach(
  name: Word,
  words: readonly Word[] | undefined,
  body: CompoundList,
  state: State,
  reading: Reading,
): Outcome {
  if (words === undefined) {
    reading.refuse("for", "its words are not known before it runs", "write them");
    return both(state);
  }
  const values: readonly Value[] = words.flatMap((word) => forWords(word, state, reading));
  return loop(state, reading, (at) => {
    let now: State | null = at;
    for (const value of values) {
      if (!reading.step()) break;
      const next: State | null =
        now === null ? null : after(list(body, setVariable(name.value, value, now, reading), reading));
      now = joined(now, next);
    }
    return [now, now];
  });
}

/** `$(...)` here is a list of words that nobody knows. */
function forWords(word: Word, state: State, reading: Reading): readonly Value[] {
  const [part, ...others] = word.parts ?? [];
  if (part?.type !== "CommandExpansion" || others.length > 0) return expandWords(word, state, reading);
  expandOne(word, state, reading);
  return [SOME_TEXT];
}

/** Patterns are matched against a word that may be unknown, so any of the bodies may run, and with `;&` the next one too. */
function cases({ word, items }: Extract<CommandNode, { type: "Case" }>, state: State, reading: Reading): Outcome {
  expandOne(word, state, reading);
  let results = both(unsure(state));
  let through: State | null = null;
  for (const { pattern, body, terminator } of items) {
    for (const one of pattern) expandOne(one, state, reading);
    const start: State | null = joined(unsure(state), through);
    const outcome: Outcome = start === null ? ended : list(body, start, reading);
    results = either(results, outcome);
    through = terminator === ";&" || terminator === ";;&" ? after(outcome) : null;
  }
  return results;
}

function define(one: Extract<CommandNode, { type: "Function" }>, state: State, reading: Reading): Outcome {
  const name = one.name.value;
  const refuse = (reason: string, hint: string): Outcome => {
    reading.refuse(name, reason, hint);
    return both(state);
  };
  if (!state.isCertain) return refuse("it is not certain that the function is defined", "define it at the beginning");
  if (state.isPosix) return refuse("functions are not read in `sh -c`", "write its commands");
  if (
    !/^[A-Za-z_][\w-]*$/.test(name) ||
    one.name.parts !== undefined ||
    isBuiltin(name) ||
    /^(?:command_not_found_handler?|TRAP[A-Z]+|chpwd|precmd|preexec|zshexit|periodic|bash|sh)$/.test(name)
  )
    return refuse("a function of this name changes how the shell works", "call it something else");
  reading.add({ kind: "define", name });
  return both({ ...state, functions: new Map([...state.functions, [name, one]]) });
}
