/**
 * Environment variables by name. Loader variables and our own are never readable, whatever the policy says: they say
 * how processes are started and how this run is supervised. Grants compare names as they are; denials also without
 * regard to case, since tools read `HTTP_PROXY` and `http_proxy` alike.
 */
import { compileName } from "./glob.ts";
import { fail, ok, type Result } from "./result.ts";
import { CONTROL, hasLoneSurrogate, shown } from "./spelling.ts";

const MAX_LENGTH = 1024;

/** As nearly all names are. */
const PLAIN = /^[A-Za-z0-9_]{1,128}$/;

/** A name as an environment can hold it, or `E_ARGUMENT`. */
export function canonicalVariable(name: string): Result<string> {
  if (PLAIN.test(name)) return ok(name);
  const good = name !== "" && name.length <= MAX_LENGTH && !/=/.test(name);
  if (good && !CONTROL.test(name) && !hasLoneSurrogate(name)) return ok(name);
  return fail({ code: "E_ARGUMENT", message: `\`${shown(name)}\` is not the name of a variable`, target: name });
}

/** Variables that decide what code a process loads, and ours. Never readable, never set for a child. */
export const isLoaderVariable = (name: string): boolean => /^(?:LD_|DYLD_|NODE_OPTIONS$|AGENT_RUN_)/i.test(name);

/** An exact name or a glob, as `AWS_*`. Not `narrow`: in any case of its letters. */
export function compileVariable(pattern: string, narrow: boolean): (name: string) => boolean {
  const plain = compileName(pattern, false);
  if (narrow) return plain;
  const folded = compileName(pattern, true);
  return (name) => plain(name) || folded(name);
}
