/**
 * Turns what the operating system throws into values. Only its own refusals (`ENOENT`, `EACCES`) are values; every other
 * exception is a bug of ours and passes through. The text of the exception is never shown: it holds host paths.
 */
import { getSystemErrorMap } from "node:util";
import type { Failure } from "@agent-run/gate";

export type Tried<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: SystemRefusal };

/** `ENOENT` and its fixed sentence, without any path. */
export interface SystemRefusal {
  readonly code: string;
  readonly says: string;
}

export function attempt<T>(call: () => T): Tried<T> {
  try {
    return { ok: true, value: call() };
  } catch (error) {
    const refusal = systemRefusal(error);
    if (refusal === null) throw error;
    return { ok: false, refusal };
  }
}

/** Thrown where what was checked is no longer what is there; `attempt` turns it into a value. */
export class Changed extends Error {
  readonly code = "ECHANGED";
}

export const isRefusal = (error: unknown, code: string): boolean => systemRefusal(error)?.code === code;

/** The failure that a script sees. `path` is what it typed. */
export function ioFailure({ code, says }: SystemRefusal, path: string): Failure {
  if (code === "ENOENT" || code === "ENOTDIR") {
    return { code: "E_NOT_FOUND", message: `\`${path}\` does not exist`, target: path };
  }
  if (code === "EEXIST") return { code: "E_EXISTS", message: `\`${path}\` already exists`, target: path };
  if (code === "ENAMETOOLONG") return { code: "E_ARGUMENT", message: `the path \`${path}\` is too long`, target: path };
  if (code === "ECHANGED") return changedFailure(path);
  return { code: "E_IO", message: `\`${path}\` could not be used: ${says} (${code})`, target: path };
}

const changedFailure = (path: string): Failure => ({
  code: "E_IO",
  message: `\`${path}\` changed while it was being used, so nothing more was done; try again`,
  target: path,
});

const SENTENCES = new Map([...getSystemErrorMap().values()].map(([code, says]) => [code, says]));

function systemRefusal(error: unknown): SystemRefusal | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  if (error instanceof Changed) return { code: error.code, says: "changed while in use" };
  const says = SENTENCES.get(error.code);
  return says === undefined ? null : { code: error.code, says };
}
