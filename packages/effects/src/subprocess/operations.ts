/** The operations on processes, for the table of the run's worker. Node's `execFileSync` is guest code over this one. */
import {
  type AnyOperation,
  type Done,
  defineOperation,
  type ExecAnswer,
  errand,
  type Operation,
  ok,
  type Permit,
  type Result,
  type Steps,
} from "@agent-run/gate";
import { type ExecArguments, parseArguments } from "./arguments.ts";
import { check, type ExecPlan } from "./check.ts";
import { canonicalRequest } from "./request.ts";

const execOperation: Operation<ExecArguments, ExecPlan> = {
  name: "subprocess.exec",
  capabilities: ["subprocess.exec"],
  parse: parseArguments,
  canonicalize: canonicalRequest,
  carries: ({ stdin }) => (stdin === null ? null : { as: "stdin", bytes: Buffer.from(stdin, "utf8") }),
  *check(args, typed, context) {
    return check(args, typed, context);
  },
  execute,
};

export const subprocessOperations: readonly AnyOperation[] = [defineOperation(execOperation)];

function* execute(permit: Permit<ExecPlan>): Steps<Result<Done>> {
  const plan = permit.spend();
  if (!plan.ok) return plan;
  const answer = yield* errand<"exec">({ kind: "exec", command: plan.value });
  if (!answer.ok) return answer;
  const { stdin } = plan.value;
  const bytes = (stdin?.byteLength ?? 0) + answer.value.stdout.byteLength + answer.value.stderr.byteLength;
  return ok({ value: resultValue(answer.value), bytes });
}

/** Invalid UTF-8 becomes U+FFFD. */
function resultValue({ exitCode, signal, stdout, stderr }: ExecAnswer) {
  const text = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const value = { exitCode, stdout: text(stdout), stderr: text(stderr) };
  return signal === null ? value : { ...value, signal };
}
