/**
 * Calls of tools that the host program defines: `tools.payments.refund({...})`. The definition's schema and effect stand in
 * the main thread; here are the steps between them. What the schema made of the arguments is the request that is decided
 * and recorded, and its very text is what the effect is given (CHECKED-IS-USED).
 */
import {
  type AnyOperation,
  canonicalJson,
  defineOperation,
  errand,
  fail,
  isJsonObject,
  type Json,
  type JsonObject,
  ok,
  type Result,
  type Signature,
  type Steps,
  type ToolCapability,
  toolArguments,
  toolNamed,
  toolRequest,
} from "@agent-run/gate";

/** What a worker knows of a definition. Plain data. */
export interface ToolFacts {
  /** `payments.refund` */
  readonly name: string;
  readonly class: Signature["class"];
}

interface Args {
  readonly args: JsonObject;
  readonly target: string | null;
}

interface Plan {
  readonly tool: string;
  /** JSON text. */
  readonly args: string;
}

/** `grants`: schemas of what the policy never allows are not asked, since a refusal touches nothing. */
export function toolOperations(
  tools: readonly ToolFacts[],
  grants: (capability: ToolCapability) => boolean,
): readonly AnyOperation[] {
  return tools.map(({ name, class: kind }) => toolOperation(name, kind, grants(toolNamed(name))));
}

function toolOperation(tool: string, kind: Signature["class"], isGranted: boolean): AnyOperation {
  const on = toolNamed(tool);
  return defineOperation<Args, Plan>({
    name: on,
    capabilities: [on],
    class: kind,
    *validate(given, isOpen) {
      const args = toolArguments(on, given);
      if (!args.ok) return args;
      return isOpen && isGranted ? yield* read(on, tool, args.value) : ok({ args: args.value, target: null });
    },
    parse: (made) => argsOf(made),
    canonicalize: ({ args, target }) => ok(toolRequest(tool, args, target)),
    *check({ args }, typed) {
      return ok({ request: typed, plan: { tool, args: canonicalJson(args) }, release: () => undefined });
    },
    *execute(permit, { limits }) {
      const plan = permit.spend();
      const answer = yield* errand({ kind: "invoke", ...plan, maxBytes: limits.maxResponseBytes });
      if (!answer.ok) return fail({ ...answer.failure, capability: on });
      const { value } = answer.value;
      return ok({ value: JSON.parse(value) as Json, bytes: Buffer.byteLength(value) });
    },
  });
}

/** A schema may coerce and fill in; what comes of it is bounded as what came from the script. */
function* read(on: ToolCapability, tool: string, given: JsonObject): Steps<Result<Json>> {
  const answer = yield* errand({ kind: "validate", tool, args: canonicalJson(given) });
  if (!answer.ok) return fail({ ...answer.failure, capability: on });
  const args = toolArguments(on, JSON.parse(answer.value.args) as Json);
  return args.ok ? ok({ args: args.value, target: answer.value.target }) : args;
}

/** Of `validate` above, and of nobody else. */
function argsOf(made: Json): Result<Args> {
  if (isJsonObject(made) && made.args !== undefined && isJsonObject(made.args)) {
    return ok({ args: made.args, target: typeof made.target === "string" ? made.target : null });
  }
  return fail({ code: "E_ARGUMENT", message: "the arguments of a tool are one object" });
}
