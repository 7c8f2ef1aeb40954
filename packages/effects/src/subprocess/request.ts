/** The canonical request of `subprocess.exec`: what is decided, recorded and shown to a person before anything runs. */
import {
  type CanonicalRequest,
  canonicalPath,
  type Failure,
  fail,
  type OperationContext,
  ok,
  type Result,
} from "@agent-run/gate";
import { pathTarget, withTargets } from "../fs/target.ts";
import type { ExecArguments } from "./arguments.ts";
import { isLocalOnly, sightOf } from "./clearance.ts";
import { commandValue } from "./command.ts";
import { checkSetEnv } from "./environment.ts";
import { localOnlyWord, typedTargets } from "./path-arguments.ts";

/** Lexical: touches nothing. */
export function canonicalRequest(args: ExecArguments, context: OperationContext): Result<CanonicalRequest> {
  const [command] = args.argv;
  const cwd = typedCwd(args, context);
  if (!cwd.ok) return fail({ ...cwd.failure, capability: "subprocess.exec" });
  const named = namedLocalOnly(args, cwd.value, context);
  if (named !== null) return fail(localOnlyPath(command, named));
  const allowed = checkSetEnv(args.env, context);
  if (!allowed.ok) return allowed;
  const stdinBytes = args.stdin === null ? null : Buffer.byteLength(args.stdin);
  if (stdinBytes !== null && stdinBytes > context.limits.maxFileBytes) return fail(tooLarge(stdinBytes, context));
  const program = {
    on: "subprocess.exec",
    role: "execute",
    kind: "command",
    value: commandValue(command, context),
  } as const;
  // The root needs no grant of its own: the operator chose it.
  const directory = args.cwd === null ? [] : [pathTarget("read", cwd.value)];
  const files = typedTargets({ argv: args.argv, cwd: cwd.value }, context);
  const request: CanonicalRequest = {
    v: 1,
    on: "subprocess.exec",
    targets: [program],
    attrs: {
      command,
      argv: args.argv,
      ...(args.env.length === 0 ? {} : { env: args.env.map(([name, value]) => `${name}=${value}`) }),
      ...(stdinBytes === null ? {} : { stdin_bytes: stdinBytes }),
    },
    labels: [],
  };
  return ok(withTargets(request, [...directory, ...files]));
}

/** What a command that is not cleared names of what is local-only, as typed. */
function namedLocalOnly({ argv, cwd }: ExecArguments, at: string, context: OperationContext): string | null {
  if (sightOf(argv[0], context).clearance === "cleared") return null;
  return isLocalOnly(at, context) ? (cwd ?? ".") : localOnlyWord({ argv, cwd: at }, context);
}

/** Absolute. */
export const typedCwd = (args: ExecArguments, context: OperationContext): Result<string> =>
  args.cwd === null ? ok(context.root) : canonicalPath(args.cwd, context);

/** `named`: as typed. */
export const localOnlyPath = (typed: string, named: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${named}\` is local-only, and \`${typed}\` is not a command that may see it`,
  capability: "subprocess.exec",
  target: named,
  rule: { id: "builtin.local_only" },
  hint: `leave it out, or list \`${typed}\` in \`[subprocess] local_only_commands\`, whose answers are sealed`,
});

const tooLarge = (bytes: number, context: OperationContext) =>
  ({
    code: "E_TOO_LARGE",
    message: `\`stdin\` has ${bytes} bytes, more than the ${context.limits.maxFileBytes} of \`max_file\``,
    capability: "subprocess.exec",
    hint: "write it to a file, or raise `[runtime] max_file`",
  }) as const;
