/**
 * File operations of a learning run: the ordinary ones, given the paths of a copy. What they say of a call is said of
 * the real paths, so that is what is decided and recorded; what they do, they do in the copy. Reading a file that no call
 * has changed reads the real one. Whatever else an operation names, nothing outside of the copy is written or deleted.
 */
import {
  type AnyOperation,
  type CanonicalRequest,
  type Checked,
  fail,
  type OperationContext,
  ok,
  type Result,
  type Steps,
  type Target,
} from "@agent-run/gate";
import { pathTarget } from "../target.ts";
import { type Overlay, OverlayFull } from "./overlay.ts";

/** As many as a call may take along; see tree.ts. */
const MAX_THINGS = 10_000;

/** Which take a tree as a whole, and which content they bring along. */
const TREES = new Set(["fs.copy", "fs.move", "fs.delete"]);

export function overlaid(operation: AnyOperation, overlay: Overlay): AnyOperation {
  let made: { readonly from: OperationContext; readonly context: OperationContext } | null = null;
  const contextOf = (from: OperationContext) => {
    if (made?.from !== from) made = { from, context: insideContext(from, overlay) };
    return made.context;
  };
  return {
    ...operation,
    *check(args, typed, context): Steps<Result<Checked<unknown>>> {
      return yield* bounded(function* () {
        const prepared = prepare(operation.name, args, typed, overlay, context);
        if (!prepared.ok) return prepared;
        const checked = yield* operation.check(args, prepared.value, contextOf(context));
        if (!checked.ok) return checked;
        const request = outsideRequest(checked.value.request, typed, overlay);
        const isKept = checked.value.request.targets.every((target) => isReversible(target, overlay));
        // Told after the targets were decided, as any other guard's denial.
        return ok({ ...checked.value, request, ...(isKept ? {} : { denied: notInCopy }) });
      });
    },
    *execute(permit, context) {
      return yield* bounded(() => operation.execute(permit, contextOf(context)));
    },
  };
}

/** Where the copy would become too large, the call fails. */
function* bounded<T>(steps: () => Steps<Result<T>>): Steps<Result<T>> {
  try {
    return yield* steps();
  } catch (error) {
    if (error instanceof OverlayFull) return fail({ code: "E_TOO_LARGE", message: error.message });
    throw error;
  }
}

/** Brings what the call is about into the copy; the request is then about the copy. */
function prepare(
  name: string,
  args: unknown,
  typed: CanonicalRequest,
  overlay: Overlay,
  context: OperationContext,
): Result<CanonicalRequest> {
  const targets: Target[] = [];
  for (const target of typed.targets) {
    const path = overlay.inside(target.value);
    const found = overlay.holds(path) ? overlay.open(path) : null;
    if (found !== null && TREES.has(name) && target.role !== "write") overlay.openAll(found, MAX_THINGS);
    const taken = found === null || !isTaken(name, args, target) ? [] : overlay.hollowBelow(found);
    if (!taken.every((file) => isFilled(file, overlay, context))) return fail(notCopied(context));
    const isReal = found !== null && name === "fs.read" && overlay.isHollow(found);
    targets.push(isReal ? pathTarget("read", overlay.outside(found)) : { ...target, value: path });
  }
  return ok({ ...typed, targets });
}

/** Is the content of what is at this target needed in the copy? */
function isTaken(name: string, args: unknown, { role }: Target): boolean {
  if (name === "fs.copy" || name === "fs.move") return role === "read";
  return name === "fs.write" && (args as { readonly append?: boolean }).append === true;
}

/** What may not be read is not brought along: the call is denied for it. */
function isFilled(file: string, overlay: Overlay, context: OperationContext): boolean {
  const { effect, sealed } = context.decide(pathTarget("read", overlay.outside(file)));
  return effect === "deny" || sealed !== undefined || overlay.fill(file, context.limits.maxFileBytes);
}

/** The operation's request, about real paths; what was typed first, and nothing twice. */
function outsideRequest(inside: CanonicalRequest, typed: CanonicalRequest, overlay: Overlay): CanonicalRequest {
  const seen = new Map<string, Target>();
  const found = inside.targets.map((target) => ({ ...target, value: overlay.outside(target.value).normalize("NFC") }));
  for (const target of [...typed.targets, ...found]) {
    const key = `${target.on} ${target.role} ${target.value}`;
    if (!seen.has(key)) seen.set(key, target);
  }
  return { ...inside, targets: [...seen.values()] };
}

const isReversible = ({ role, value }: Target, overlay: Overlay): boolean =>
  (role !== "write" && role !== "delete") || overlay.holds(value);

/** What an operation asks and is told on its way: about real paths. Directories get their entries before they are entered. */
function insideContext(context: OperationContext, overlay: Overlay): OperationContext {
  const decide = (target: Target) => {
    if (target.kind === "path" && overlay.holds(target.value)) overlay.furnish(target.value);
    return context.decide({ ...target, value: overlay.outside(target.value) });
  };
  return Object.create(context, {
    decide: { value: decide },
    protectedInodes: { get: () => [...context.protectedInodes, ...overlay.protectedInodes] },
  });
}

const notInCopy = {
  code: "E_POLICY_DENIED",
  message: "the call would change something outside of the root",
  hint: "a learning run changes files in a copy of the root only",
} as const;

const notCopied = ({ limits }: OperationContext) =>
  ({
    code: "E_TOO_LARGE",
    message: `the call takes along a file that is gone, or larger than the ${limits.maxFileBytes} bytes that \`max_file\` allows`,
    hint: "a learning run changes files in a copy, into which such a file is not brought",
  }) as const;
