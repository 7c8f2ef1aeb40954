/**
 * The flow rules of the vault's own wall: only what is local-only may be reached from here, by data of labels that it
 * accepts. Not even read may a public file be: which one was read shows in its time of access, and so tells the value
 * that chose it. The public side has decided the same from what was typed; here it is decided again from what is really
 * there, and every refusal stays sealed.
 */
import { type Call, type Failure, type Flow, fail, ok, reads } from "@agent-run/gate";

/** A call of the script itself, whose labels the public side has looked at. */
export const orderedFlow: Flow = {
  labelsOf: () => ok([]),
  route: ({ operation, first, typed }) =>
    first.effect === "deny" || first.sealed !== undefined ? ok(operation) : fail(publicPlace(typed.on)),
};

/** Calls of a private block, which has seen data of `label` and whose own result is of `label`. */
export const blockFlow = (label: readonly string[]): Flow => ({
  labelsOf: () => ok(label),
  route: ({ operation, first, typed }: Call) => {
    if (first.effect === "deny") return ok(operation);
    if (first.sealed === undefined) return fail(publicPlace(typed.on));
    const { accepts, label: from } = first.sealed;
    if (!reads(typed) && !label.every((one) => accepts.includes(one))) return fail(otherLabel(label));
    return from.every((one) => label.includes(one)) ? ok(operation) : fail(otherLabel(from));
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
