/** For tests: records as runs write them, under `/work/proj`, and learning from them. */
import { createHash } from "node:crypto";
import {
  type Capability,
  type JsonObject,
  type LoadResult,
  loadPolicyText,
  Policy,
  type PolicyWorld,
  type Target,
} from "@agent-run/policy";
import { type LearnInput, learn } from "./learn.ts";
import type { Learned } from "./learned.ts";
import { readRecordedRun } from "./recorded-run.ts";

export const ROOT = "/work/proj";
const HOME = "/home/me";
const NOW = Date.parse("2026-06-01T00:00:00Z");

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: [HOME],
  presets: new Map([["secure-defaults", "version = 1\n"]]),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

export function load(text: string): LoadResult {
  return loadPolicyText(text, { path: `${ROOT}/learned.toml`, realPath: `${ROOT}/learned.toml` }, world);
}

export function policyOf(text: string): Policy {
  const loaded = load(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1));
  return Policy.revive(loaded.data).at(() => ({ now: NOW, actor: null }));
}

export interface Entry {
  readonly request: JsonObject;
  readonly decision?: "allow" | "ask" | "deny";
  readonly learned?: boolean;
  readonly rule?: string;
  readonly code?: string;
  readonly answer?: "allow" | "deny";
}

const ROLE: Readonly<Record<string, Target["role"]>> = {
  "fs.read": "read",
  "fs.write": "write",
  "fs.delete": "delete",
};

export const pathRequest = (on: Capability, ...paths: readonly string[]): JsonObject => ({
  v: 1,
  on,
  targets: paths.map((value) => ({ on, role: ROLE[on] ?? "read", kind: "path", value })),
  attrs: {},
  labels: [],
});

export function urlRequest(url: string, method = "GET", on: Capability = "net.http_get"): JsonObject {
  const { hostname, pathname, protocol, port } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const attrs = {
    host: hostname,
    port: Number(port || (scheme === "https" ? 443 : 80)),
    scheme,
    method,
    url_path: pathname,
  };
  return { v: 1, on, targets: [{ on, role: "connect", kind: "url", value: url }], attrs, labels: [] };
}

export function commandRequest(...argv: readonly string[]): JsonObject {
  const on = "subprocess.exec";
  const [command = ""] = argv;
  const targets = [{ on, role: "execute", kind: "command", value: `/usr/bin/${command}` }];
  return { v: 1, on, targets, attrs: { command, argv }, labels: [] };
}

export const variableRequest = (name: string): JsonObject => ({
  v: 1,
  on: "env.read",
  targets: [{ on: "env.read", role: "read", kind: "variable", value: name }],
  attrs: { name },
  labels: [],
});

export function recordsOf(run: string, entries: readonly Entry[], mode?: "learn"): JsonObject[] {
  const ts = "2026-05-04T10:00:00.000Z";
  const lines = entries.flatMap(({ request, decision = "allow", learned, rule = "default", code, answer }, at) => [
    {
      kind: "intent",
      run,
      ts,
      call: at,
      request,
      decision,
      code: code ?? (decision === "deny" ? "E_POLICY_DENIED" : null),
      rule: { id: decision === "deny" ? rule : "some.rule" },
      matched: [],
      ...(learned ? { learned } : {}),
    },
    ...(answer === undefined ? [] : [{ kind: "approval", run, ts, call: at, answer }]),
  ]);
  return [{ kind: "run.start", run, ts, ...(mode === undefined ? {} : { mode }) }, ...lines];
}

export function learnFrom(
  runs: readonly (readonly Entry[])[],
  more: Partial<LearnInput> = {},
): Extract<Learned, { ok: true }> & { readonly policy: Policy } {
  const learned = learn({
    runs: runs.map((entries, at) => readRecordedRun(recordsOf(`run${at}`, entries))),
    load,
    bare: policyOf("version = 1").data,
    homes: [HOME],
    header: { comments: ["learned"], inherits: ["secure-defaults"], expires: Date.parse("2026-09-01T00:00:00Z") },
    base: null,
    ceiling: null,
    minRuns: 1,
    now: NOW,
    ...more,
  });
  if (!learned.ok) throw new Error(JSON.stringify(learned.problems, null, 1));
  return { ...learned, policy: policyOf(learned.text) };
}
