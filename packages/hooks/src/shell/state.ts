/**
 * What is known of a shell at a point of its script: every directory it may be in, and the values of its own variables.
 * Where two ways meet, what both know stays known. So a statement is read once for all ways to it.
 */
import type { Function as FunctionNode } from "unbash";

export interface State {
  /** Absolute, without dot segments; at least one. A statement is judged in each. */
  readonly cwds: readonly string[];
  /** Variables that the script has set; null: to something that is not known here. */
  readonly variables: ReadonlyMap<string, string | null>;
  readonly functions: ReadonlyMap<string, FunctionNode>;
  /** `$1` ... of a function or of `sh -c`; null: not known. */
  readonly words: readonly string[] | null;
  /** Something before it may have made or changed files. */
  readonly mayHaveWritten: boolean;
  /** It is certain that this point is reached, and once: functions are defined here only. */
  readonly isCertain: boolean;
  /** It may be another `sh` than bash, to which bash's own syntax means something else. */
  readonly isPosix: boolean;
}

/** Null: that way ends the shell. */
export interface Outcome {
  readonly success: State | null;
  readonly failure: State | null;
}

export const startIn = (cwd: string): State => ({
  cwds: [cwd],
  variables: new Map(),
  functions: new Map(),
  words: null,
  mayHaveWritten: false,
  isCertain: true,
  isPosix: false,
});

export const both = (state: State): Outcome => ({ success: state, failure: state });

export const ended: Outcome = { success: null, failure: null };

export const after = ({ success, failure }: Outcome): State | null => joined(success, failure);

export function joined(a: State | null, b: State | null): State | null {
  if (a === null || b === null || a === b) return a ?? b;
  const names = new Set([...a.variables.keys(), ...b.variables.keys()]);
  const known = (name: string) => {
    const [one, other] = [a.variables.get(name), b.variables.get(name)];
    return one === other ? (one ?? null) : null;
  };
  return {
    ...a,
    cwds: [...new Set([...a.cwds, ...b.cwds])],
    variables: new Map([...names].map((name) => [name, known(name)])),
    mayHaveWritten: a.mayHaveWritten || b.mayHaveWritten,
  };
}

export const isSame = (a: State, b: State): boolean =>
  a.mayHaveWritten === b.mayHaveWritten &&
  a.cwds.length === b.cwds.length &&
  a.cwds.every((cwd) => b.cwds.includes(cwd)) &&
  a.variables.size === b.variables.size &&
  [...a.variables].every(([name, value]) => b.variables.has(name) && b.variables.get(name) === value);

/** A place that is reached maybe, or more than once. */
export const unsure = (state: State): State => (state.isCertain ? { ...state, isCertain: false } : state);

/** What a subshell leaves behind: nothing of its own but files. */
export const left = (start: State, inner: State | null): State =>
  inner?.mayHaveWritten === true && !start.mayHaveWritten ? { ...start, mayHaveWritten: true } : start;

export const withVariable = (state: State, name: string, value: string | null): State => ({
  ...state,
  variables: new Map([...state.variables, [name, value]]),
});
