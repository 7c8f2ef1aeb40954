/** Installs and uninstalls: all files of a host are worked out first, and nothing is written unless each of them can be. */
import { basename } from "node:path";
import { type FileSetup, type Setting, type SetupHost, SetupRefusal } from "./host.ts";
import { lineDiff } from "./line-diff.ts";
import { filesOf, STEPS, UNGATED } from "./plan.ts";
import { isThere, keepBackup, readSettings, writeSettings } from "./settings-file.ts";

export type FileEnd = "created" | "changed" | "unchanged" | "deleted";

export interface FileReport {
  readonly path: string;
  readonly holds: string;
  readonly end: FileEnd;
  /** Unified. */
  readonly diff: string;
  /** Where the text of before is kept; null where there was none, and in a dry run. */
  readonly backup: string | null;
}

export interface SetupReport {
  readonly host: SetupHost;
  readonly files: readonly FileReport[];
  /** What could not be done as meant, and why that matters. */
  readonly notes: readonly string[];
  readonly steps: readonly string[];
  readonly ungated: readonly string[];
}

/** What stopped it. Nothing was written, unless the message says so. */
export interface SetupProblem {
  readonly path: string;
  readonly message: string;
  readonly line: number | undefined;
}

export interface SetupOrder {
  readonly host: SetupHost;
  readonly setting: Setting;
  readonly dryRun: boolean;
  /** Where texts of before are kept. */
  readonly backups: string;
}

type Ended =
  | { readonly ok: true; readonly report: SetupReport }
  | { readonly ok: false; readonly problem: SetupProblem };

interface Change {
  readonly file: FileSetup;
  readonly before: string | null;
  readonly after: string | null;
  readonly notes: readonly string[];
}

export const install = (order: SetupOrder): Ended => perform(order, installed);
export const uninstall = (order: SetupOrder): Ended => perform(order, uninstalled);

/** What taking out again would not restore is not put in. */
function installed(file: FileSetup, before: string | null): Change {
  const { text, notes } = file.add(before);
  const original = before === null || !file.has(before) ? before : file.remove(before);
  if (file.remove(text) !== original) {
    throw new SetupRefusal(
      "it is written in a way that our entries could not be taken out of again; nothing was changed",
    );
  }
  return { file, before, after: text, notes };
}

const uninstalled = (file: FileSetup, before: string | null): Change => ({
  file,
  before,
  after: before === null ? null : file.remove(before),
  notes: [],
});

function perform(order: SetupOrder, change: (file: FileSetup, before: string | null) => Change): Ended {
  const { host, setting } = order;
  const changes: Change[] = [];
  for (const file of filesOf(host, setting, isThere)) {
    const done = guarded(file.path, () => change(file, readSettings(file.path, belowOf(setting))));
    if ("message" in done) return { ok: false, problem: done };
    changes.push(done);
  }
  const files: FileReport[] = [];
  for (const one of changes) {
    const done = guarded(one.file.path, () => carryOut(one, order));
    if ("message" in done) {
      const written = files.filter(({ end }) => end !== "unchanged").map(({ path }) => `\`${path}\``);
      const left = written.length === 0 ? "" : `; written before that: ${written.join(", ")}`;
      return { ok: false, problem: { ...done, message: done.message + left } };
    }
    files.push(done);
  }
  const notes = changes.flatMap((one) => one.notes);
  return { ok: true, report: { host, files, notes, steps: STEPS[host], ungated: UNGATED[host] } };
}

function carryOut({ file, before, after }: Change, { setting, dryRun, backups, host }: SetupOrder): FileReport {
  const end = endOf(before, after);
  const { path, holds } = file;
  const diff = lineDiff(path, before, after);
  if (dryRun || end === "unchanged") return { path, holds, end, diff, backup: null };
  const backup = before === null ? null : keepBackup(backups, `${host}-${setting.scope}-${basename(path)}`, before);
  writeSettings(path, belowOf(setting), before, after);
  return { path, holds, end, diff, backup };
}

function endOf(before: string | null, after: string | null): FileEnd {
  if (before === after) return "unchanged";
  if (before === null) return "created";
  return after === null ? "deleted" : "changed";
}

const belowOf = ({ scope, project, home }: Setting): string => (scope === "project" ? project : home);

/** A bug of ours is none of a file's, and goes on. */
function guarded<T extends object>(path: string, act: () => T): T | SetupProblem {
  try {
    return act();
  } catch (error) {
    if (error instanceof SetupRefusal) return { path, message: error.message, line: error.line };
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string") throw error;
    return { path, message: `it cannot be reached: ${code}`, line: undefined };
  }
}
