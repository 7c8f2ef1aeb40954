/** Changes the settings of an agent host, and says what that host still does without asking. */
import { join, resolve } from "node:path";
import type { Setting, SetupHost, SetupReport } from "@agent-run/hooks/setup";
import { assetsDirectory, homeDirectory, NoStateDirectory, nearestPolicy, stateDirectory } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { foldedForOut } from "../fold.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printable, printableLine } from "../printable.ts";
import { selectPolicy } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { realPathOf, writeOut } from "../terminal.ts";

interface InstallOptions extends OutputOptions {
  readonly policy?: string;
  readonly scope: "project" | "user";
  readonly dryRun?: boolean;
}

export async function installCommand(host: string, options: InstallOptions, style: Style): Promise<number> {
  const policy = policyFor(options);
  const setting = settingOf(options, policy);
  if (/[\\/]_npx[\\/]/.test(setting.command)) {
    throw new CommandFailure("E_CONFIG", "this agent-run lies in the cache of npx, which is emptied at any time", {
      hint: "install it where it stays: `npm install --global agent-run`",
    });
  }
  return carryOut("install", host as SetupHost, setting, options, style);
}

export const uninstallCommand = (host: string, options: InstallOptions, style: Style): Promise<number> =>
  carryOut("uninstall", host as SetupHost, settingOf(options, null), options, style);

/** Absolute, and known to load: a host with a policy that does not would refuse everything. */
function policyFor({ policy, scope }: InstallOptions): string | null {
  if (policy === undefined && scope === "user") return null;
  const found = policy ?? nearestPolicy(process.cwd());
  if (found === null) {
    throw new CommandFailure("E_CONFIG", "no policy was named, and no agent-run.toml lies here or above", {
      hint: "`agent-run init` writes one to start from",
    });
  }
  selectPolicy({ policy: found });
  return resolve(found);
}

/** What is around the command: paths as they really are, as a host would not know a link's way. */
export function settingOf({ scope }: Pick<InstallOptions, "scope">, policy: string | null): Setting {
  const home = homeDirectory();
  if (home === null) throw new NoStateDirectory();
  const command = join(assetsDirectory(), "agent-run.cjs");
  return {
    scope,
    project: process.cwd(),
    home,
    node: realPathOf(process.execPath) ?? process.execPath,
    command,
    policy,
    environment: process.env,
    platform: process.platform,
  };
}

async function carryOut(
  verb: "install" | "uninstall",
  host: SetupHost,
  setting: Setting,
  { json, quiet, dryRun = false }: InstallOptions,
  style: Style,
): Promise<number> {
  const setup = await import("@agent-run/hooks/setup");
  const backups = join(stateDirectory(), "settings-of-hosts");
  const ended = setup[verb]({ host, setting, dryRun, backups });
  if (!ended.ok) {
    const { path, message, line } = ended.problem;
    const place = line === undefined ? path : `${path}:${line}`;
    throw new CommandFailure("E_CONFIG", `\`${place}\` was left as it is: ${message}`, {
      hint: "nothing else was changed either; mend that file and try again",
      problems: [ended.problem],
    });
  }
  if (json)
    writeJson({ ok: true, exitCode: 0, verb, dryRun, scope: setting.scope, policy: setting.policy, ...ended.report });
  else if (!quiet || dryRun)
    writeOut(dryRun ? printable(changes(ended.report)) : foldedForOut(told(verb, ended.report, style)));
  return 0;
}

function changes({ files }: SetupReport): string {
  const diff = files.map((file) => file.diff).join("");
  return diff === "" ? "nothing would change\n" : diff;
}

/** With colours, so what comes from elsewhere is made printable word by word. */
function told(verb: string, { host, files, notes, steps, ungated }: SetupReport, style: Style): string {
  const lines = files.map(({ path, holds, end, backup }) => {
    const kept = backup === null ? "" : `\n          before: ${printableLine(backup)}`;
    return `${style.bold(end.padEnd(9))} ${printableLine(path)} (${holds})${kept}`;
  });
  if (verb === "uninstall") return `${lines.join("\n")}\n`;
  const list = (title: string, all: readonly string[]) =>
    all.length === 0 ? [] : ["", style.bold(title), ...all.map((text) => `- ${printableLine(text)}`)];
  return `${[
    ...lines,
    ...list("left as it was", notes),
    ...list("to do", steps),
    ...list(`what ${host} does not enforce`, ungated),
    "",
    `\`agent-run doctor\` checks that it asks; \`agent-run uninstall ${host}\` takes all of it out again`,
  ].join("\n")}\n`;
}
