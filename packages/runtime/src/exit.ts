/**
 * `process.exit` of a script: the VM is stopped as by an interruption, and the run's end says that it was the script's own
 * wish.
 */
import { type GateAnswer, isJsonObject, type Json } from "@agent-run/gate";
import type { RunError } from "./report.ts";

/** What it was called with; null: it was not. */
export interface Exit {
  code: number | null;
}

export function exitRun(args: Json, exit: Exit): GateAnswer {
  exit.code = isJsonObject(args) && typeof args.code === "number" ? args.code : 1;
  return { fatal: "E_INTERRUPTED" };
}

export const exitError = ({ code }: Exit): RunError | null =>
  code === 0 ? null : { code: null, name: "Error", message: `the script ended itself with \`process.exit(${code})\`` };
