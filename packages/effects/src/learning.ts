/** The operations of a learning run: files in a copy, variables as ever, and nothing that cannot be taken back. */
import { type AnyOperation, fail, type OperationContext } from "@agent-run/gate";
import { envOperations } from "./env/operations.ts";
import { fsOperations } from "./fs/operations.ts";
import { overlaid } from "./fs/overlay/overlaid.ts";
import { Overlay } from "./fs/overlay/overlay.ts";
import { netOperations } from "./net/operations.ts";
import { subprocessOperations } from "./subprocess/operations.ts";
import { type ToolFacts, toolOperations } from "./tools/operations.ts";

export interface LearningPlace {
  readonly root: string;
  /** An empty directory of our own. */
  readonly overlay: string;
  /** Requests that the policy lets through are made. */
  readonly network: boolean;
  protectedInodes(): OperationContext["protectedInodes"];
}

export function learningOperations(place: LearningPlace, tools: readonly ToolFacts[] = []): readonly AnyOperation[] {
  const overlay = new Overlay(place.root, place.overlay, place.protectedInodes);
  return [
    ...fsOperations.map((operation) => overlaid(operation, overlay)),
    ...envOperations,
    ...(place.network ? netOperations.map(readOnly) : netOperations.map(undone)),
    ...subprocessOperations.map(undone),
    // Their schemas are code of the host program, which a learning run does not start.
    ...toolOperations(tools, () => false).map(undone),
  ];
}

/** The policy of a learning run denies these before they are checked; should it ever not, nothing is done all the same. */
const undone = (operation: AnyOperation): AnyOperation => ({
  ...operation,
  *check() {
    return fail({ code: "E_POLICY_DENIED", message: `\`${operation.name}\` is not done in a learning run` });
  },
});

const readOnly = (operation: AnyOperation): AnyOperation => ({
  ...operation,
  *check(args, typed, context) {
    const checked = typed.targets.every(({ on }) => on === "net.http_get") ? operation : undone(operation);
    return yield* checked.check(args, typed, context);
  },
});
