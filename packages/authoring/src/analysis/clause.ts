/**
 * What a policy says about one capability, as clauses: each a conjunction of tests, each test about one dimension of a
 * call (its path, its port, who acts). The answer to a call follows from which clauses hold, as in decide.ts.
 */
import { allOf, type Bounds } from "./bounds.ts";
import type { TextTest } from "./text-test.ts";

/**
 * What a clause that holds does. `open`, `sealed`: it grants, in the open or sealed; with `Ask`: but asks first. `local`:
 * the place is local-only. `cover`: something local-only lies below. `use`: it is a use of a secret. `Reach`: the address may be reached, of a
 * grant of that way. `within`: the call is one that is asked about. `except`: it takes away the clause that it belongs to.
 */
export type Role =
  | "deny"
  | "ask"
  | "cover"
  | "local"
  | "open"
  | "openAsk"
  | "openReach"
  | "sealed"
  | "sealedAsk"
  | "sealedReach"
  | "use"
  | "useReach"
  | "except"
  | "within";

/** A value of a dimension. Null: the call does not have it. */
export type Value = string | number | null | Line | readonly string[];

/** A command line. */
export interface Line {
  readonly real: string;
  readonly argv: readonly string[];
}

export type Test =
  | { readonly kind: "text"; readonly test: TextTest; special(value: Value): boolean }
  | {
      readonly kind: "value";
      holds(value: Value): boolean;
      /** Of a command line: which arguments of a program (a line of its name alone) pass. */
      readonly bounds?: (program: Line) => Bounds;
    };

export interface Clause {
  readonly id: number;
  readonly role: Role;
  /** Bits of the policies that it belongs to. */
  readonly policies: number;
  /** By dimension. */
  readonly tests: ReadonlyMap<string, Test>;
  readonly excepts: readonly Clause[];
}

export const allTests = (tests: readonly Test[]): Test => {
  const [first, ...others] = tests as [Test, ...Test[]];
  if (others.length === 0) return first;
  if (tests.every((test) => test.kind === "text")) {
    return {
      kind: "text",
      test: { kind: "all", of: tests.map(({ test }) => test) },
      special: (value) => tests.every((test) => test.special(value)),
    };
  }
  const bounds = tests.flatMap((test) => (test.kind === "value" && test.bounds !== undefined ? [test.bounds] : []));
  const holds = (value: Value) => tests.every((test) => test.kind === "value" && test.holds(value));
  if (bounds.length < tests.length) return { kind: "value", holds };
  return {
    kind: "value",
    holds,
    bounds: (program) => {
      const each = bounds.map((one) => one(program));
      return allOf(JSON.stringify(["all", ...each.map(({ key }) => key)]), each);
    },
  };
};

export type Answer = "allow" | "ask" | "deny" | "allow sealed" | "ask sealed";

/** The answer where exactly these clauses hold, exceptions taken off. `reaches`: there are addresses to be reached. */
export function answerOf(clauses: readonly Clause[], reaches: boolean): Answer {
  const roles = new Set(clauses.map(({ role }) => role));
  if (roles.has("deny")) return "deny";
  const way = roles.has("local") ? "sealed" : roles.has("use") ? "use" : "open";
  if (way !== "sealed" && roles.has("cover")) return "deny";
  const granted = roles.has(way);
  if (!granted && !(way !== "use" && roles.has(`${way}Ask`))) return "deny";
  if (reaches && !roles.has(`${way}Reach`)) return "deny";
  const effect = roles.has("ask") || !granted ? "ask" : "allow";
  return way === "sealed" ? `${effect} sealed` : effect;
}

/** Can any of these clauses open a door? */
export const isDoor = ({ role }: Clause): boolean => DOORS.has(role);
const DOORS: ReadonlySet<Role> = new Set(["open", "openAsk", "sealed", "sealedAsk", "use"]);
