/** One reading of a script: what it would do, collected as calls, and what of it could not be read. It decides nothing. */

import type { HostWorld } from "@agent-run/runtime/host-calls";
import type { ParsedScript } from "unbash";
import type { State } from "./state.ts";

/** What a script would do, in its order. Paths are absolute and not yet normalized: a kernel follows links before `..`. */
export type ShellCall =
  /** A program. `set`: variables that it is given besides the shell's own. */
  | {
      readonly kind: "run";
      readonly argv: readonly string[];
      readonly set: readonly (readonly [name: string, value: string])[];
      readonly cwds: readonly string[];
    }
  /** A command of the shell itself, or one that only starts another: a rule may deny it, and it needs no grant. */
  | { readonly kind: "builtin"; readonly argv: readonly string[] }
  | { readonly kind: "read" | "write" | "enter" | "list"; readonly path: string }
  | { readonly kind: "variable"; readonly name: string }
  /** A variable of this name reaches programs. */
  | { readonly kind: "set"; readonly name: string }
  | { readonly kind: "define"; readonly name: string };

export interface Unread {
  /** The part of the script, as typed. */
  readonly text: string;
  readonly reason: string;
  /** What to write instead. */
  readonly hint: string;
}

type Inside = (script: ParsedScript, state: State, reading: Reading) => State | null;

/** Nodes and words of all rounds of all loops. */
const MAX_STEPS = 20_000;
const MAX_DEPTH = 24;
/** Ways on which a script can be somewhere else. */
export const MAX_CWDS = 16;

export class Reading {
  readonly world: HostWorld;
  readonly calls: ShellCall[] = [];
  readonly unread: Unread[] = [];
  readonly #inside: Inside;
  #steps = 0;
  #depth = 0;

  /** `inside`: reads the script of a substitution, in a subshell. */
  constructor(world: HostWorld, inside: Inside) {
    this.world = world;
    this.#inside = inside;
  }

  add(call: ShellCall): void {
    if (this.step()) this.calls.push(call);
  }

  refuse(text: string, reason: string, hint: string): void {
    if (this.unread.length < MAX_UNREAD) this.unread.push({ text, reason, hint });
  }

  /** False once there is too much to read: whoever loops stops. */
  step(): boolean {
    this.#steps++;
    if (this.#steps === MAX_STEPS) this.refuse("the script", "it takes too many steps to read", "split it");
    return this.#steps < MAX_STEPS;
  }

  /** Runs one level deeper: `eval`, `sh -c`, calls of functions, substitutions. */
  deeper<T>(text: string, read: () => T, otherwise: T): T {
    if (this.#depth >= MAX_DEPTH) {
      this.refuse(text, "it is nested too deeply", "write it as plain commands");
      return otherwise;
    }
    this.#depth++;
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  inside(script: ParsedScript, state: State): State | null {
    return this.deeper("a substitution", () => this.#inside(script, state, this), null);
  }
}

const MAX_UNREAD = 20;
