/** `test`, `[` and `[[`: they look at files, and some compare numbers in a way that runs commands. */
import type { TestExpression, Word } from "unbash";
import type { Reading } from "./reading.ts";
import type { State } from "./state.ts";
import { isKnown, type Value } from "./value.ts";
import { expandOne } from "./word.ts";

const LOOKS = new Set("-a -b -c -d -e -f -g -h -k -p -r -s -u -w -x -G -L -N -O -S".split(" "));
const COMPARES_FILES = new Set(["-nt", "-ot", "-ef"]);
const COMPARES_NUMBERS = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);
/** They evaluate a subscript, which may run a command. */
const EVALUATES = new Set(["-v", "-R"]);

/** What stands between two operands, or behind the last. */
const BETWEEN = /^(?:==?|!=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef|a|o)|\)|\])$/;

/** The words behind `test` or `[`. */
export function testWords(words: readonly Value[], state: State, reading: Reading): void {
  for (const [at, word] of words.entries()) {
    const [before, next] = [words[at - 1], words[at + 1]];
    if (!isKnown(word)) {
      // It may be an operator itself (`-v`, `-f`), unless one stands behind it.
      if (next !== undefined && !(isKnown(next) && BETWEEN.test(next)))
        reading.refuse("test", "a word that is not known may be an operator", "write the operator itself");
      continue;
    }
    if (word === "-t" && next !== undefined) refuseUnlessNumber(next, reading);
    if (EVALUATES.has(word)) refuseOperator(word, reading);
    if (LOOKS.has(word) && next !== undefined) look(next, state, reading);
    if (COMPARES_FILES.has(word)) for (const one of [before, next]) if (one !== undefined) look(one, state, reading);
    if (COMPARES_NUMBERS.has(word)) for (const one of [before, next]) refuseUnlessNumber(one, reading);
  }
}

export function testExpression(expression: TestExpression, state: State, reading: Reading): void {
  switch (expression.type) {
    case "TestLogical":
      for (const one of expression.operands) testExpression(one, state, reading);
      break;
    case "TestNot":
      testExpression(expression.operand, state, reading);
      break;
    case "TestGroup":
      testExpression(expression.expression, state, reading);
      break;
    case "TestUnary":
      unary(expression.operator, expression.operand, state, reading);
      break;
    case "TestBinary":
      binary(expression.operator, expression.left, expression.right, state, reading);
      break;
  }
}

function unary(operator: string, operand: Word, state: State, reading: Reading): void {
  const value = expandOne(operand, state, reading);
  if (LOOKS.has(operator)) look(value, state, reading);
  else if (operator === "-t") refuseUnlessNumber(value, reading);
  else if (!["-n", "-z"].includes(operator)) refuseOperator(operator, reading);
}

function binary(operator: string, left: Word, right: Word, state: State, reading: Reading): void {
  const values = [expandOne(left, state, reading), expandOne(right, state, reading)];
  if (COMPARES_FILES.has(operator)) for (const value of values) look(value, state, reading);
  else if (COMPARES_NUMBERS.has(operator)) for (const value of values) refuseUnlessNumber(value, reading);
  else if (!["=", "==", "!=", "=~", "<", ">"].includes(operator)) refuseOperator(operator, reading);
}

/** Whether a file is there, and what it is, is told by reading its place. */
function look(value: Value, { cwds }: State, reading: Reading): void {
  if (!isKnown(value)) reading.refuse("test", "it is not known which file it looks at", "write the path itself");
  else if (value !== "")
    for (const cwd of cwds) reading.add({ kind: "read", path: value.startsWith("/") ? value : `${cwd}/${value}` });
}

/** A text is evaluated as arithmetic by some shells: `a[$(...)]` runs a command. */
export function refuseUnlessNumber(value: Value | undefined, reading: Reading): void {
  const isNumber = value !== undefined && (isKnown(value) ? /^[+-]?\d*$/.test(value) : value.unknown === "number");
  if (!isNumber)
    reading.refuse("a comparison of numbers", "a text in its place is evaluated", "compare texts with `=`");
}

const refuseOperator = (operator: string, reading: Reading): void =>
  reading.refuse(
    operator,
    "this test is not read here",
    "use `-f`, `-d`, `-e`, `-n`, `-z`, `=` or a number's comparison",
  );
