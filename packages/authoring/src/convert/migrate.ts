/**
 * A policy in an older version of the language as one in the newest. Each migration is a row from one version to the
 * next; whoever adds version 2 adds a row. What comes out decides as what went in: the caller loads both and compares.
 */
import { type PolicyProblem, versionOf } from "@agent-run/policy";
import { rewritten } from "./rewrite.ts";

export type Migrated =
  | { readonly kind: "current" }
  | {
      readonly kind: "migrated";
      readonly text: string;
      /** Names of the versions on the way, the oldest first. */
      readonly from: readonly string[];
      readonly notes: readonly PolicyProblem[];
    }
  | { readonly kind: "unknown"; readonly problems: readonly PolicyProblem[] };

interface Step {
  readonly text: string;
  readonly notes: readonly PolicyProblem[];
}

interface Migration {
  readonly from: string;
  /** Null where the text is in another version. */
  migrate(source: { readonly file: string; readonly text: string }): Step | null;
}

const MIGRATIONS: readonly Migration[] = [
  {
    from: "Aegis/Denyx 1.0.0",
    migrate(source) {
      const version = versionOf(source);
      if (version.kind !== "dialect") return null;
      return { text: rewritten(version.document, source.text, version.notes), notes: version.notes };
    },
  },
];

export function migratePolicy(text: string, file: string): Migrated {
  const from: string[] = [];
  const notes: PolicyProblem[] = [];
  let newest = text;
  for (const migration of MIGRATIONS) {
    const step = migration.migrate({ file, text: newest });
    if (step === null) continue;
    from.push(migration.from);
    notes.push(...step.notes);
    newest = step.text;
  }
  const version = versionOf({ file, text: newest });
  if (version.kind === "unknown") return version;
  return from.length === 0 ? { kind: "current" } : { kind: "migrated", text: newest, from, notes };
}
