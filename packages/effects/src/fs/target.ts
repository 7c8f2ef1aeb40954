/** Makes the targets of file calls: what the policy decides, one for each path and each thing done to it. */
import {
  type CanonicalRequest,
  type Capability,
  canonicalPath,
  type OperationContext,
  ok,
  type Result,
  type Target,
} from "@agent-run/gate";

export type Role = "read" | "search" | "write" | "delete";

const CAPABILITY = {
  read: "fs.read",
  search: "fs.read",
  write: "fs.write",
  delete: "fs.delete",
} as const satisfies Record<Role, Capability>;

/** `path` is absolute without dot segments; policies match NFC. */
export const pathTarget = (role: Role, path: string): Target => ({
  on: CAPABILITY[role],
  role,
  kind: "path",
  value: path.normalize("NFC"),
});

export const pathTargets = (role: Role, paths: Iterable<string>): Target[] =>
  [...paths].map((path) => pathTarget(role, path));

/** The canonical request of typed paths; `touched` says what is done to each. */
export function typedRequest(
  on: Capability,
  touched: readonly (readonly [Role, string])[],
  context: OperationContext,
  bytes?: number,
): Result<CanonicalRequest> {
  const targets: Target[] = [];
  for (const [role, typed] of touched) {
    const path = canonicalPath(typed, context);
    if (!path.ok) return path;
    targets.push(pathTarget(role, path.value));
  }
  return ok({ v: 1, on, targets, attrs: bytes === undefined ? {} : { bytes }, labels: [] });
}

/** Canonical form of the typed path behind the target at `index`. */
export function typedPath(typed: CanonicalRequest, index = 0): string {
  const target = typed.targets[index];
  if (target === undefined) throw new RangeError("a file request has fewer targets than its operation made");
  return target.value;
}

/** The typed request with what the disk added; nothing twice, order kept. */
export function withTargets(typed: CanonicalRequest, added: readonly Target[], bytes?: number): CanonicalRequest {
  const seen = new Map<string, Target>();
  for (const target of [...typed.targets, ...added]) {
    const key = `${target.on} ${target.role} ${target.kind} ${target.value}`;
    if (!seen.has(key)) seen.set(key, target);
  }
  const attrs = bytes === undefined ? typed.attrs : { ...typed.attrs, bytes };
  return { ...typed, targets: [...seen.values()], attrs };
}
