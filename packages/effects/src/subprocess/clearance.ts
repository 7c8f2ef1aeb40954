/**
 * What a command may see and change where the policy makes something local-only. What a public command sees it may tell
 * a script, and what a cleared one writes may be made of local-only values: neither may do what the other does.
 *
 * `public`: sees and writes what is granted in the open. `credential`: is given a secret in an otherwise public call, so
 * it sees what a public one sees, and writes nothing: neither the secret nor what came of it may lie about in the open.
 * `cleared` (`local_only_commands`): sees local-only paths whose labels it accepts, too, and writes only where such data
 * may go.
 */
import { type Clearance, canonicalPath, type OperationContext } from "@agent-run/gate";
import { pathTarget } from "../fs/target.ts";
import { findCommand } from "./command.ts";

export interface Sight {
  readonly clearance: Clearance;
  /** Labels that the command may be given; only a cleared one is given any. */
  readonly accepts: readonly string[];
}

export const publicSight: Sight = { clearance: "public", accepts: [] };
export const credentialSight: Sight = { clearance: "credential", accepts: [] };

/** Of a command by its listed name or path; a `[[secret.use]]` is not seen here, as it needs the whole call. */
export function sightOf(typed: string, context: OperationContext): Sight {
  if (context.policy.localOnly === null) return publicSight;
  const value = findCommand(typed, context)?.name ?? typed;
  const { sealed } = context.decide({ on: "subprocess.exec", role: "execute", kind: "command", value });
  return sealed === undefined ? publicSight : { clearance: "cleared", accepts: sealed.accepts };
}

/** May a command of this sight be shown the path, or change it? The policy's answer, narrowed. */
export function maySee(role: "read" | "write", path: string, sight: Sight, context: OperationContext): boolean {
  const { effect, sealed } = context.decide(pathTarget(role, path));
  if (effect !== "allow") return false;
  if (context.policy.localOnly === null) return true;
  if (sight.clearance !== "cleared")
    return !(role === "write" && sight.clearance === "credential") && !isLocalOnly(path, context);
  if (isSecretSource(path, context)) return false;
  // What it has read may be in what it writes.
  if (role === "write") return sealed !== undefined && sight.accepts.every((label) => sealed.accepts.includes(label));
  return sealed === undefined || sealed.label.every((label) => sight.accepts.includes(label));
}

/** Lexical: does the policy make this path local-only, whether or not anything is there? */
export function isLocalOnly(path: string, context: OperationContext): boolean {
  if (context.policy.localOnly === null) return false;
  const roles = ["read", "write"] as const;
  return (
    roles.some((role) => context.decide(pathTarget(role, path)).sealed !== undefined) || isSecretSource(path, context)
  );
}

const isSecretSource = (path: string, context: OperationContext): boolean => secretFiles(context).includes(path);

/** Files that secrets are read from: nobody but the vault itself reads them. */
export function secretFiles(context: OperationContext): readonly string[] {
  const layers = [context.policy, ...context.policy.ceilings];
  return layers
    .flatMap(({ localOnly }) => localOnly?.secrets ?? [])
    .flatMap(({ source }) => {
      if (source.kind !== "file") return [];
      const path = canonicalPath(source.path, context);
      return path.ok ? [path.value] : [];
    });
}
