/**
 * The flow rules of the vault's own wall: only what is local-only may be reached from here, by data of labels that it
 * accepts. Not even read may a public file be: which one was read shows in its time of access, and so tells the value
 * that chose it. The public side has decided the same from what was typed; here it is decided again from what is really
 * there, and every refusal stays sealed.
 */
import {
  type AnyOperation,
  type Call,
  canonicalAddress,
  type Decision,
  type Failure,
  type Flow,
  fail,
  type OperationContext,
  ok,
  reads,
  type Target,
} from "@agent-run/gate";
import { withinBases } from "./base-directory.ts";

/** What the vault does by itself when a run begins. */
export const baseFlow: Flow = {
  labelsOf: () => ok([]),
  route: ({ operation, first, typed }) =>
    first.effect === "deny" || first.sealed !== undefined ? ok(operation) : fail(publicPlace(typed.on)),
};

/** A call of the script itself, whose labels the public side has looked at. */
export const orderedFlow: Flow = {
  labelsOf: () => ok([]),
  route: ({ operation, first, typed }) => {
    if (first.effect === "deny") return ok(operation);
    return first.sealed === undefined
      ? fail(publicPlace(typed.on))
      : ok(withinBases(asLabelled(operation, first.sealed)));
  },
};

/**
 * The same operation, but a link may not lead to data of other labels than the handle has, nor to a place that takes
 * less than the one that was typed: the public side went by what was typed.
 */
const asLabelled = (operation: AnyOperation, typed: Sealed): AnyOperation => ({
  ...operation,
  *check(args, request, context) {
    const checked = yield* operation.check(args, request, context);
    if (!checked.ok) return checked;
    const other = checked.value.request.targets.find((target) => !keepsTo(typed, target, context));
    if (other === undefined) return checked;
    checked.value.release();
    return fail(otherLabel(context.decide(other).sealed?.label ?? []));
  },
});

type Sealed = NonNullable<Decision["sealed"]>;

/** No more labels come from there than were typed, and no fewer are taken. */
function keepsTo({ label, accepts }: Sealed, target: Target, { decide }: OperationContext): boolean {
  const { sealed } = decide(target);
  if (sealed === undefined || target.kind !== "path") return true;
  return target.role === "read" || target.role === "search"
    ? sealed.label.every((one) => label.includes(one))
    : accepts.every((one) => sealed.accepts.includes(one));
}

/**
 * Calls of a private block, which has seen data of `label` and whose own result is of `label`. `hosts`: names of hosts as
 * the policy has them; below a wildcard a block could ask for any name, and names are looked up in the open.
 */
export const blockFlow = (label: readonly string[], hosts: readonly string[] = []): Flow => ({
  labelsOf: () => ok(label),
  route: ({ operation, first, typed }: Call) => {
    if (first.effect === "deny") return ok(operation);
    if (first.sealed === undefined) return fail(publicPlace(typed.on));
    const { accepts, label: from } = first.sealed;
    const { host } = typed.attrs;
    if (typeof host === "string" && !hosts.includes(host) && !canonicalAddress(host).ok)
      return fail(publicPlace(typed.on));
    if (!reads(typed) && !label.every((one) => accepts.includes(one))) return fail(otherLabel(label));
    return from.every((one) => label.includes(one)) ? ok(withinBases(operation)) : fail(otherLabel(from));
  },
});

const publicPlace = (on: string): Failure => ({
  code: "E_SINK",
  message: `\`${on}\` of a public place is not done with sealed data`,
});

const otherLabel = (label: readonly string[]): Failure => ({
  code: "E_SINK",
  message: `data of ${label.join(", ")} may not go there`,
});
