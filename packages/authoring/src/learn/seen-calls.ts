/** The calls of some records, each different request once: what happened, what was denied, and what says nothing of its place. */
import { type CanonicalRequest, canonicalJson, type Json, type ResolvedCommand } from "@agent-run/policy";
import type { RecordedCall } from "./recorded-run.ts";

export interface Seen {
  readonly request: CanonicalRequest;
  /** Of the first call. */
  readonly rule: string;
  readonly calls: readonly RecordedCall[];
}

export class SeenCalls {
  readonly happened: readonly Seen[];
  readonly denied: readonly Seen[];
  readonly wanted: readonly Seen[];
  /** Commands as the records say that their names were found. */
  readonly commands: readonly ResolvedCommand[];

  constructor(calls: readonly RecordedCall[]) {
    this.happened = distinct(calls.filter(({ kind }) => kind === "allowed" || kind === "learned" || kind === "asked"));
    this.denied = distinct(calls.filter(({ kind }) => kind === "denied"));
    this.wanted = distinct(calls.filter(({ kind }) => kind === "wanted"));
    this.commands = commandsOf([...this.happened, ...this.denied]);
  }
}

function distinct(calls: readonly RecordedCall[]): readonly Seen[] {
  const all = new Map<string, Seen & { readonly calls: RecordedCall[] }>();
  for (const call of calls) {
    const key = canonicalJson({ ...call.request } as unknown as Json);
    const seen = all.get(key) ?? { request: call.request, rule: call.rule, calls: [] };
    all.set(key, seen);
    seen.calls.push(call);
  }
  return [...all.values()];
}

function commandsOf(seen: readonly Seen[]): readonly ResolvedCommand[] {
  const found = new Map<string, ResolvedCommand>();
  for (const { request } of seen)
    for (const { kind, value } of request.targets) {
      const { command } = request.attrs;
      if (kind === "command" && typeof command === "string")
        found.set(command, { name: command, path: value, dev: 0, ino: 0 });
    }
  return [...found.values()];
}
