/** A call that somebody asks about on the command line: a line of text or JSON, with what is around it. */
import {
  type CanonicalRequest,
  type Circumstances,
  type JsonObject,
  type PolicyData,
  readCall,
  requestOf,
} from "@agent-run/policy";
import { homeDirectory } from "@agent-run/runtime";
import { InvalidArgumentError } from "commander";
import { CommandFailure } from "./exit.ts";

export interface AroundOptions {
  readonly actor?: string;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** The clock is this machine's unless a time was named. */
export const circumstancesOf = ({ actor, now }: AroundOptions): Circumstances => ({
  now: now ?? Date.now(),
  actor: actor ?? null,
});

/** `--now 2026-12-24T18:00Z`; without a zone it is UTC, so that the answer is the same everywhere. */
export function timeOption(text: string): number {
  const isDate = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const zoned = /(?:Z|[+-]\d{2}:\d{2})$/.test(text) || text.length === 10 ? text : `${text}Z`;
  const time = isDate ? Date.parse(zoned.replace(" ", "T")) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError("must be a time such as 2026-12-24 or 2026-12-24T18:00Z");
  return time;
}

type Read =
  | { readonly ok: true; readonly request: CanonicalRequest }
  | { readonly ok: false; readonly message: string };

/** As in `fs.write out/a.md bytes=10`, or `{"on": "fs.write", "path": "out/a.md", "bytes": 10}`. */
export function readAskedCall(text: string, policy: PolicyData): Read {
  const call = text.trimStart().startsWith("{") ? parseJson(text) : readCall(text);
  if (!call.ok) return { ok: false, message: call.failure.message };
  const request = requestOf(call.value, policy, { home: homeDirectory() ?? "/" });
  return request.ok ? { ok: true, request: request.value } : { ok: false, message: request.failure.message };
}

export function askedCall(text: string, policy: PolicyData): CanonicalRequest {
  const read = readAskedCall(text, policy);
  if (read.ok) return read.request;
  const hint = "a call is one quoted line, as 'fs.write out/a.md bytes=10', or JSON with `on`";
  throw new CommandFailure("E_CONFIG", read.message, { hint });
}

function parseJson(text: string) {
  try {
    return { ok: true, value: JSON.parse(text) as JsonObject } as const;
  } catch (error) {
    return { ok: false, failure: { message: `not valid JSON: ${(error as Error).message}` } } as const;
  }
}
