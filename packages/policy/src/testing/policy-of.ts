/** For tests only: a policy from its text under `/work/proj`, and canonical requests to ask it. */
import { createHash } from "node:crypto";
import type { Json } from "../json.ts";
import { loadPolicyText } from "../load.ts";
import { Policy } from "../policy.ts";
import type { CanonicalRequest, Target } from "../request.ts";
import type { Capability } from "../signatures.ts";
import type { PolicyWorld } from "../world.ts";

export const ROOT = "/work/proj";

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

/** Throws where the text does not load. */
export function policyOf(text: string): Policy {
  const from = { path: `${ROOT}/agent-run.toml`, realPath: `${ROOT}/agent-run.toml` };
  const loaded = loadPolicyText(`version = 1\n${text}`, from, world);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  const record = { path: `${ROOT}/.agent-run/record`, access: "all", what: "the record" } as const;
  return Policy.revive(structuredClone(loaded.data)).protecting([record]);
}

const ROLES = { "fs.read": "read", "fs.write": "write", "fs.delete": "delete" } as const;

export const requestFor = (
  on: Capability,
  targets: readonly Target[],
  attrs: { readonly [name: string]: Json } = {},
): CanonicalRequest => ({ v: 1, on, targets, attrs, labels: [] });

/** Relative paths hang under the root. */
export function pathRequest(on: keyof typeof ROLES, path: string): CanonicalRequest {
  const value = path.startsWith("/") ? path : path === "." ? ROOT : `${ROOT}/${path}`;
  return requestFor(on, [{ on, role: ROLES[on], kind: "path", value }]);
}

/** What `fs.glob` asks before it looks. */
export function searchRequest(path: string): CanonicalRequest {
  const { targets } = pathRequest("fs.read", path);
  return requestFor(
    "fs.read",
    targets.map((target) => ({ ...target, role: "search" })),
  );
}

/** A URL and the addresses that its name was resolved to. */
export function urlRequest(
  url: string,
  addresses: readonly string[] = [],
  on: Capability = "net.http_get",
): CanonicalRequest {
  const found = addresses.map((value): Target => ({ on, role: "connect", kind: "address", value }));
  return requestFor(on, [{ on, role: "connect", kind: "url", value: url }, ...found], { method: "GET" });
}

/** `real`: what the name was found to be; the typed name where nothing was found. */
export function commandRequest(argv: readonly string[], real = argv[0] ?? ""): CanonicalRequest {
  const on = "subprocess.exec";
  return requestFor(on, [{ on, role: "execute", kind: "command", value: real }], { command: argv[0] ?? "", argv });
}

export const variableRequest = (name: string): CanonicalRequest =>
  requestFor("env.read", [{ on: "env.read", role: "read", kind: "variable", value: name }], { name });

/** `allow`, `ask`, or the id of the rule that denies. */
export function answerOf(policy: Policy, request: CanonicalRequest): string {
  const { effect, rule } = policy.decide(request);
  return effect === "deny" ? rule.id : effect;
}
