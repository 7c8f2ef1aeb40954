/** The operations of the network, for the table of the run's worker. `fetch` and `httpGet` are guest code over this one. */
import { type AnyOperation, defineOperation } from "@agent-run/gate";
import { requestOperation } from "./request.ts";

export const netOperations: readonly AnyOperation[] = [defineOperation(requestOperation)];
