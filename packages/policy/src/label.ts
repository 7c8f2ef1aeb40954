/**
 * The labels of a local-only place. What no `[[label]]` names gives and takes `local`. What is a source of some group and a
 * sink of none takes nothing: sealed data that was put there would come back with another label than it had.
 */
import { isBelow } from "./atom.ts";
import { isNamedCommand } from "./command.ts";
import { compilePathGlob } from "./glob.ts";
import { compileHostPattern } from "./host.ts";
import type { LabelPlace, SecretData } from "./local-only-data.ts";
import type { PolicyData, ResolvedCommand } from "./policy-data.ts";
import { namesOf } from "./secret-rules.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";

const LOCAL = "local";

/** What comes from there has these. */
export function labelsGiven(data: PolicyData, subject: Subject): readonly string[] {
  const secret = subject.kind === "variable" ? secretNamed(data, subject.name) : undefined;
  if (secret !== undefined && !secret.data) return [`secret:${secret.name}`];
  const names = secret === undefined ? null : namesOf(secret);
  const found = labelled(data, "sources", subject, names);
  return [...new Set([...(found.length > 0 ? found : [LOCAL]), ...labelledBelow(data, subject)])];
}

/** What has these, and no others, may go there. */
export function labelsTaken(data: PolicyData, subject: Subject): readonly string[] {
  const found = labelled(data, "sinks", subject, null);
  // A tree that is written there could reach what takes other labels than the directory does.
  if (labelledBelow(data, subject).some((label) => !found.includes(label))) return [];
  if (found.length > 0) return found;
  return labelled(data, "sources", subject, null).length > 0 ? [] : [LOCAL];
}

/** A directory shows what lies below it, and what is copied with it: labels of places in it. */
function labelledBelow({ localOnly }: PolicyData, subject: Subject): readonly string[] {
  if (subject.kind !== "path") return [];
  const isIn = (place: LabelPlace) => place.kind === "file" && isBelow(compilePathGlob(place.pattern), subject.path);
  const labels = localOnly?.labels ?? [];
  return labels.filter(({ sources, sinks }) => [...sources, ...sinks].some(isIn)).map(({ name }) => name);
}

const secretNamed = ({ localOnly }: PolicyData, name: string): SecretData | undefined =>
  localOnly?.secrets.find((secret) => namesOf(secret).includes(name));

function labelled(
  { localOnly, subprocess }: PolicyData,
  side: "sources" | "sinks",
  subject: Subject,
  names: readonly string[] | null,
): readonly string[] {
  const labels = localOnly?.labels ?? [];
  const isThere = (place: LabelPlace) => isAt(place, subject, names, subprocess.commands);
  return labels.filter((label) => label[side].some(isThere)).map(({ name }) => name);
}

/** `names`: of a secret, all names by which it is read. */
function isAt(
  place: LabelPlace,
  subject: Subject,
  names: readonly string[] | null,
  commands: readonly ResolvedCommand[],
): boolean {
  switch (place.kind) {
    case "file":
      return subject.kind === "path" && compilePathGlob(place.pattern).matchesFolded(subject.path, true);
    case "host": {
      if (subject.kind !== "url") return false;
      const host = compileHostPattern(place.pattern);
      return host.matchesLoosely(subject.url) || host.isReached(subject.url, subject.addresses);
    }
    case "env":
      return subject.kind === "variable" && (names ?? [subject.name]).some((name) => fold(name) === fold(place.name));
    case "command":
      return subject.kind === "command" && isNamedCommand(place.name, subject.command, commands);
  }
}
