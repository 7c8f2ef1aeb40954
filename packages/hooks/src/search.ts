/**
 * Searches (Glob, Grep, `rg`): a host's search shows whatever lies below, so all of it must be readable. The directory is
 * decided as a search, and what lies there now is looked through, up to a bound; beyond it nothing is known, so it is denied.
 */
import type { Judge } from "./judge.ts";
import { denial, LOCAL_ONLY, lexical } from "./judge.ts";

/** Entries of all directories below. */
const MAX_ENTRIES = 20_000;

export function judgeSearch(judge: Judge, path: string): void {
  if (judge.world.kindAt(path) === "file") {
    judge.file("fs.read", path);
    return;
  }
  const call = `fs.read ${lexical(path)}/**`;
  const targets = judge.fileTargets("fs.read", path, "search");
  if (targets === null) {
    judge.deny(call, "path", "write a path that a directory can have");
    return;
  }
  const decision = judge.decide(call, { v: 1, on: "fs.read", targets, attrs: {}, labels: [] });
  if (decision.effect === "deny") return;
  const problem = problemBelow(judge, targets[targets.length - 1]?.value ?? path);
  if (problem !== null) judge.deny(call, problem.rule, problem.hint);
}

interface Problem {
  readonly rule: string;
  readonly hint: string;
}

/** What lies below a directory and may not be read, or null. Links are decided by their name and their end. */
export function problemBelow(judge: Judge, directory: string): Problem | null {
  if (hidesLocalOnly(judge, directory))
    return { rule: "local_only", hint: `below it lies what is local-only; ${LOCAL_ONLY}` };
  const waiting = [directory];
  const ends = new Set<string>();
  let seen = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const entries = judge.world.entriesIn(at) ?? [];
    seen += entries.length;
    if (seen > MAX_ENTRIES)
      return {
        rule: "search",
        hint: `more than ${MAX_ENTRIES} files lie below it, too many to look at: search a smaller directory`,
      };
    for (const { name, kind } of entries) {
      const path = at === "/" ? `/${name}` : `${at}/${name}`;
      const end = kind === "link" ? judge.world.whereItLeads(path) : path;
      if (kind === "directory") waiting.push(path);
      else {
        // Some searches follow links.
        if (kind === "link" && !ends.has(end) && judge.world.kindAt(end) === "directory") waiting.push(end);
        ends.add(end);
        const rule = unreadable(judge, path) ?? (kind === "link" ? unreadable(judge, end) : null);
        if (rule !== null)
          return {
            rule: "search",
            hint: `\`${path}\` lies below it and may not be read (rule ${rule}): search where no such file is`,
          };
      }
    }
  }
  return null;
}

/** The rule that keeps it from being read in the open, or null. */
function unreadable(judge: Judge, value: string): string | null {
  const decision = judge.policy.decideTarget({
    on: "fs.read",
    role: "read",
    kind: "path",
    value: value.normalize("NFC"),
  });
  if (decision.effect === "allow" && decision.sealed === undefined) return null;
  return decision.sealed === undefined ? decision.rule.id : denial("builtin.local_only", "").rule.id;
}

/** Does a pattern of what is local-only speak of anything below? As a copy of the whole directory would be asked. */
export function hidesLocalOnly(judge: Judge, directory: string): boolean {
  if (judge.policy.localOnly === null && judge.policy.data.ceilings.every(({ localOnly }) => localOnly === null))
    return false;
  const target = { on: "fs.read", role: "read", kind: "path", value: lexical(directory).normalize("NFC") } as const;
  const { rule, sealed } = judge.policy.decide({ v: 1, on: "fs.write", targets: [target], attrs: {}, labels: [] });
  return rule.id === "builtin.local_only" || sealed !== undefined;
}
