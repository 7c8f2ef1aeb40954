/** What tools of all hosts do, in calls of the policy. A field that is missing or of another type is a denial. */
import { globStart, type Json, type JsonObject, requestOf } from "@agent-run/policy";
import type { HostCall } from "../host-call.ts";
import type { Judge } from "../judge.ts";
import { patchedFiles } from "../patch.ts";
import { judgeSearch } from "../search.ts";
import { judgeShell } from "../shell-verdict.ts";
import { contentOf, textOf } from "./fields.ts";

/** Judges one call of a tool. */
export type Action = (judge: Judge, call: HostCall) => void;

/** The tool touches nothing but the host's own state. */
export const nothing: Action = () => undefined;

/** Null: none, or several that differ, of which only the host knows which one counts. */
function pathOf({ input }: HostCall): string | null {
  const given = new Set(PATHS.flatMap((name) => (input[name] === undefined ? [] : [input[name]])));
  return given.size > 1 ? null : textOf(input, ...PATHS);
}

const PATHS = ["file_path", "filePath", "notebook_path", "path"] as const;

const missing = (judge: Judge, { tool }: HostCall, field: string): void =>
  judge.deny(tool, "host_call", `its \`${field}\` is missing, given twice or no text, so nobody knows what it does`);

/** A path as hosts take it: absolute, or below the directory of the call. `~` is a letter to them, and may be a home to some. */
function placesOf(judge: Judge, path: string, cwd: string): readonly string[] {
  const plain = path.startsWith("/") ? path : `${cwd}/${path}`;
  // Some hosts take blanks off its ends, and some read URLs.
  const [trimmed, url] = [path.trim(), /^file:(?:\/\/[^/]*)?(.*)$/is.exec(path.trim())?.[1]];
  const others = [...(trimmed === path ? [] : [trimmed]), ...(url === undefined ? [] : [decoded(url)])];
  const home = path === "~" || path.startsWith("~/") ? [`${judge.world.home}/${path.slice(1)}`] : [];
  return [plain, ...home, ...others.flatMap((one) => placesOf(judge, one, cwd))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const readFile: Action = (judge, call) => {
  const path = pathOf(call);
  if (path === null) {
    missing(judge, call, "file_path");
    return;
  }
  for (const place of placesOf(judge, path, call.cwd)) {
    if (judge.world.kindAt(place) === "directory") judgeSearch(judge, place);
    else judge.file("fs.read", place);
  }
};

export const writeFile: Action = (judge, call) => {
  const path = pathOf(call);
  const content = contentOf(call.input, "content");
  if (path === null || content === null) {
    missing(judge, call, path === null ? "file_path" : "content");
    return;
  }
  for (const place of placesOf(judge, path, call.cwd))
    judge.file("fs.write", place, { bytes: Buffer.byteLength(content) });
};

/** What an edit finds or does not find tells the file's contents. */
export const editFile: Action = (judge, call) => {
  const path = pathOf(call);
  if (path === null) {
    missing(judge, call, "file_path");
    return;
  }
  for (const place of placesOf(judge, path, call.cwd)) {
    judge.file("fs.read", place);
    judge.file("fs.write", place);
  }
};

/** `pattern` names files: it begins at `path`, or at a place of its own. */
export const globFiles: Action = (judge, call) => {
  const pattern = textOf(call.input, "pattern");
  if (pattern === null) {
    missing(judge, call, "pattern");
    return;
  }
  if (refusesOptional(judge, call, "path")) return;
  const start = globStart(pattern);
  if (!start.ok || /(?:^|\/)\.\.(?:\/|$)/.test(pattern.slice(start.ok ? start.value.base.length : 0))) {
    judge.deny(
      `${call.tool} ${pattern}`,
      "host_call",
      "such a pattern is not read here: write one without `..` behind a wildcard",
    );
    return;
  }
  const path = textOf(call.input, "path") ?? ".";
  for (const place of placesOf(judge, path, call.cwd))
    for (const base of placesOf(judge, start.value.base || ".", place)) judgeSearch(judge, base);
};

export const searchFiles: Action = (judge, call) => {
  if (refusesOptional(judge, call, "path")) return;
  for (const field of ["glob", "include"]) {
    const pattern = textOf(call.input, field);
    if (pattern !== null && /(?:^|[/{,])(?:\.\.|\/|~)/.test(pattern))
      judge.deny(
        `${call.tool} ${pattern}`,
        "host_call",
        `\`${field}\` may lead elsewhere: name the directory in \`path\``,
      );
  }
  for (const place of placesOf(judge, textOf(call.input, "path") ?? ".", call.cwd)) judgeSearch(judge, place);
};

function refusesOptional(judge: Judge, call: HostCall, field: string): boolean {
  const value = call.input[field];
  const isFine = value === undefined || value === null || typeof value === "string";
  if (!isFine) missing(judge, call, field);
  return !isFine;
}

/** Where the answer comes from, or is sent on to, nobody can say before: by its name alone. */
export const fetchPage: Action = (judge, call) => {
  const url = textOf(call.input, "url");
  if (url === null) {
    missing(judge, call, "url");
    return;
  }
  const request = requestOf({ on: "net.http_get", url }, judge.policy.data, { home: judge.world.home });
  if (request.ok) judge.decide(`net.http_get ${url}`, request.value);
  else judge.deny(`net.http_get ${url}`, "host_call", request.failure.message);
};

export const searchWeb: Action = (judge, { tool }) =>
  judge.deny(
    tool,
    "host_call",
    "a search reaches addresses that no rule can name: fetch a page of a host that the policy allows",
  );

/** A line for the shell. `workdir` and its kin: where it starts. */
export const runShell: Action = (judge, call) => {
  const { command, cmd } = call.input;
  const given: Json | undefined = command ?? cmd;
  if (isAmbiguous(command, cmd)) {
    missing(judge, call, "command");
    return;
  }
  const cwd = workingDirectory(judge, call);
  if (cwd === null) return;
  if (typeof given === "string" && given.trim() !== "") judgeShell(judge, given, cwd);
  else if (Array.isArray(given) && given.length > 0 && given.every((word) => typeof word === "string"))
    judgeShell(judge, given.map(quoted).join(" "), cwd);
  else missing(judge, call, "command");
};

/** Two fields for one thing: only the host knows which one counts. */
const isAmbiguous = (...given: readonly (Json | undefined)[]): boolean =>
  given.filter((one) => one !== undefined && one !== null).length > 1;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Null: it was refused. */
function workingDirectory(judge: Judge, call: HostCall): string | null {
  if (isAmbiguous(call.input.workdir, call.input.cwd)) {
    missing(judge, call, "workdir");
    return null;
  }
  const given = call.input.workdir ?? call.input.cwd;
  if (given === undefined || given === null || given === "") return call.cwd;
  if (typeof given !== "string") {
    missing(judge, call, "workdir");
    return null;
  }
  const [place = call.cwd] = placesOf(judge, given, call.cwd);
  if (judge.world.whereItLeads(place) !== judge.policy.data.root) judge.file("fs.read", place);
  const names: string[] = [];
  for (const name of place.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

export const applyPatch: Action = (judge, call) => {
  const { command, input } = call.input;
  const words = Array.isArray(command) ? command[command.length - 1] : command;
  const patch = typeof words === "string" ? words : (textOf(call.input, "patchText", "patch") ?? input);
  const { patchText, patch: other } = call.input;
  const isOne = !isAmbiguous(command, patchText, other, input);
  const files = isOne && typeof patch === "string" ? patchedFiles(patch) : null;
  if (files === null) {
    judge.deny(
      call.tool,
      "host_call",
      "it is no patch that is known here: `*** Begin Patch`, `*** Update File: PATH`, ..., `*** End Patch`",
    );
    return;
  }
  for (const { on, path } of files) for (const place of placesOf(judge, path, call.cwd)) judge.file(on, place);
};

/** Our own server decides by itself, and on better knowledge. */
export const OWN_SERVER = "agent-run";

/** A tool of another server, if the policy has rules for such. */
export function otherServer(judge: Judge, server: string, tool: string, input: JsonObject): void {
  const on = `tool.${server}.${tool}`;
  const request = requestOf({ on, args: input }, judge.policy.data, { home: judge.world.home });
  if (request.ok) judge.decide(on, request.value);
  else judge.deny(on, "host_tool", "no rule of the policy speaks of this server's tools: use the tools of agent-run");
}

export const unknownTool: Action = (judge, { tool }) =>
  judge.deny(
    tool,
    "host_tool",
    "this tool is not known here, so nobody can say what it does: use agent-run's tools, or one for files, searches or commands",
  );
