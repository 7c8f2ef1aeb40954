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

/** Longer names exist nowhere, and a record should not hold one. */
const MAX_NAME = 256;

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
 * The request names exactly what is told: every variable that is set and that the policy allows without asking. So the
 * gate decides each of them, and the record says which names a script has seen.
 */
function names(): AnyOperation {
  return defineOperation<null, readonly string[]>({
    name: "env.names",
    capabilities: ["env.read"],
    parse(args) {
      const members = readMembers("env.names", args, {});
      return members.ok ? ok(null) : members;
    },
    canonicalize: (_, context) => ok(request(granted(context))),
    *check(_, typed) {
      return ok({ request: typed, plan: typed.targets.map(({ value }) => value), release: nothingHeld });
    },
    *execute(permit) {
      return ok({ value: permit.spend() });
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

const granted = (context: OperationContext): string[] =>
  Object.keys(context.environment)
    .filter((name) => named(name).ok && context.decide(variable(name)).effect === "allow")
    .sort();

const variable = (name: string): Target => ({ on: "env.read", role: "read", kind: "variable", value: name });

const request = (variables: readonly string[]): CanonicalRequest => ({
  v: 1,
  on: "env.read",
  targets: variables.map(variable),
  attrs: {},
  labels: [],
});

const nothingHeld = (): void => {};
