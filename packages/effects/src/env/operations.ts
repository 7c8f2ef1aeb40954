/**
 * `env.read`, `env.has`, `env.names`: the environment as it was when the run began, ours taken out. A name that the
 * policy does not grant is refused whether or not it is set; an enumeration holds granted names only.
 */
import {
  type AnyOperation,
  type CanonicalRequest,
  defineOperation,
  fail,
  type Json,
  type OperationContext,
  ok,
  type Result,
  type Target,
} from "@agent-run/gate";
import { readMembers } from "../fs/arguments.ts";

interface Args {
  readonly name: string;
}

type Environment = OperationContext["environment"];

/** Longer names exist nowhere; the policy takes no longer one. */
const MAX_NAME = 1024;

export const envOperations: readonly AnyOperation[] = [
  lookUp("env.read", (environment, name) => setValue(environment, name)),
  lookUp("env.has", (environment, name) => setValue(environment, name) !== null),
  names(),
];

function lookUp(operation: "env.read" | "env.has", answer: (environment: Environment, name: string) => Json) {
  return defineOperation<Args, Args>({
    name: operation,
    capabilities: ["env.read"],
    parse(args) {
      const members = readMembers(operation, args, { name: "text" });
      return members.ok ? named(members.value.name) : members;
    },
    canonicalize: ({ name }) => ok(request([name])),
    *check(args, typed) {
      return ok({ request: typed, plan: args, release: nothingHeld });
    },
    *execute(permit, { environment }) {
      return ok({ value: answer(environment, permit.spend().name) });
    },
  });
}

/**
 * The request names what is told: every variable that is set and that the policy allows without asking. So the gate
 * decides each of them, and the record says which names a script has seen. Where none is set, it names one that is
 * granted, as a request about nothing is denied; the answer is then empty.
 */
function names(): AnyOperation {
  return defineOperation<null, readonly string[]>({
    name: "env.names",
    capabilities: ["env.read"],
    parse(args) {
      const members = readMembers("env.names", args, {});
      return members.ok ? ok(null) : members;
    },
    canonicalize(_, context) {
      const set = granted(Object.keys(context.environment), context);
      return ok(request(set.length > 0 ? set : granted(patternNames(context), context).slice(0, 1)));
    },
    *check(_, typed) {
      return ok({ request: typed, plan: typed.targets.map(({ value }) => value), release: nothingHeld });
    },
    *execute(permit, { environment }) {
      return ok({ value: permit.spend().filter((name) => setValue(environment, name) !== null) });
    },
  });
}

function named(name: string): Result<Args> {
  if (name.length > 0 && name.length <= MAX_NAME && !/[=\p{Cc}\p{Surrogate}]/u.test(name)) return ok({ name });
  const message = `\`name\` must be the name of a variable: up to ${MAX_NAME} characters, no \`=\` and no control characters`;
  return fail({ code: "E_ARGUMENT", message });
}

/** Own members only: `constructor` is no variable. */
const setValue = (environment: Environment, name: string): string | null =>
  Object.hasOwn(environment, name) ? (environment[name] ?? null) : null;

const granted = (names: readonly string[], context: OperationContext): string[] =>
  names.filter((name) => named(name).ok && context.decide(variable(name)).effect === "allow").sort();

/** Names that the policy's patterns match, set or not: `LC_*` matches `LC_`. */
const patternNames = ({ policy }: OperationContext): string[] =>
  policy.rules.flatMap(({ match }) =>
    match.kind === "variable" ? match.patterns.map((pattern) => pattern.replace(/[*?]/g, "")) : [],
  );

const variable = (name: string): Target => ({ on: "env.read", role: "read", kind: "variable", value: name });

const request = (variables: readonly string[]): CanonicalRequest => ({
  v: 1,
  on: "env.read",
  targets: variables.map(variable),
  attrs: {},
  labels: [],
});

const nothingHeld = (): void => {};
