/**
 * What a policy with local-only values must fulfil to be loaded (information flow needs the whole policy, not one entry):
 * clocks and modes that fit together (here), hosts and hosts' uses (P6, P7), files (local-only-files.ts: P1), commands (P8),
 * releases (P10). Each problem stands at the line that causes it and says how to mend it.
 */
import { releaseBitsPerDay } from "./capacity.ts";
import { isNamedCommand } from "./command.ts";
import { compilePathGlob } from "./glob.ts";
import { compileHostPattern, urlText } from "./host.ts";
import { LocalOnlyBook } from "./local-only-book.ts";
import type { LocalOnlyData, ReleaseSource } from "./local-only-data.ts";
import { type FileCheck, fileProblems } from "./local-only-files.ts";
import type { Layer } from "./merge.ts";
import { pathText } from "./path.ts";
import type { HostPattern, PolicyData } from "./policy-data.ts";
import type { Problems } from "./problem.ts";
import type { Target } from "./request.ts";
import { readSubject } from "./subject.ts";
import { insecurePlace } from "./use-table.ts";

interface Check extends FileCheck {
  readonly localOnly: LocalOnlyData;
}

export function checkLocalOnly(data: PolicyData, layer: Layer, problems: Problems): void {
  checkClock(layer, problems);
  if (data.localOnly === null) return;
  const check: Check = { data, layer, problems, localOnly: data.localOnly };
  checkHosts(check);
  checkUses(check);
  checkSandbox(check);
  for (const { entry, message, hint } of fileProblems(check)) problems.add(entry.source, entry.at, message, hint);
  checkReleases(check);
}

/** Also where nothing is local-only yet: the line would mean something else than it says. */
function checkClock(layer: Layer, problems: Problems): void {
  const settle = layer.scalars.get("local_only.settle");
  const profile = layer.scalars.get("local_only.profile")?.value ?? "default";
  const count = Array.isArray(settle?.value) ? settle.value.length : null;
  if (settle === undefined || count === null) return;
  const add = (message: string, hint: string) => problems.add(settle.source, settle.at, message, hint);
  if (profile === "relaxed" && count > 0) add('`profile = "relaxed"` has no ticks', "remove `settle`");
  if (profile === "strict" && count !== 1) add('`profile = "strict"` has exactly one tick', 'write `settle = ["30s"]`');
  if (profile === "default" && count === 0) {
    add("a clock without ticks never settles", 'write `settle = ["1s", "10s", "2m"]`, or `profile = "relaxed"`');
  }
}

function checkHosts({ layer, problems }: Check): void {
  for (const entry of layer.entries) {
    if (entry.key !== "network.local_only_hosts" || entry.meaning.match?.kind !== "host") continue;
    for (const pattern of entry.meaning.match.patterns) {
      const everywhere = { message: "sealed data can not go to every host", hint: "name the hosts" };
      const problem = pattern.host === "*" ? everywhere : insecurePlace(pattern);
      if (problem !== null) problems.add(entry.source, entry.at, problem.message, problem.hint);
    }
  }
}

/** Local-only beats a use: a place is not public to a script because a secret goes there, too. */
function checkUses({ data, localOnly, layer }: Check): void {
  for (const { table } of layer.tables.secrets) {
    if (localOnly.mode === "redact" && table.has("use")) {
      const hint = 'remove the uses, or write `mode = "sealed"`';
      table.report(table.placeOf("use"), 'with `[local_only] mode = "redact"` there are no uses of secrets', hint);
    }
  }
  for (const { table, data: use } of layer.tables.secrets.flatMap(({ uses }) => uses)) {
    if (use.response !== "public") continue;
    const name = use.kind === "command" ? use.argv[0] : undefined;
    const isShared =
      use.kind === "request"
        ? use.hosts.some((host) => localHosts(data).some((other) => hostsMeet(host, other)))
        : localCommands(data).some((other) => other === name || isSameCommand(other, name ?? ""));
    if (!isShared) continue;
    const key = use.kind === "request" ? "`local_only_hosts`" : "`local_only_commands`";
    table.report(table.placeOf("response"), `${key} makes its answers local-only`, 'write `response = "sealed"`');
  }
}

const localHosts = ({ rules }: PolicyData): readonly HostPattern[] =>
  rules.flatMap(({ sealed, match }) => (sealed === true && match.kind === "host" ? match.patterns : []));

const localCommands = ({ rules }: PolicyData): readonly string[] =>
  rules.flatMap(({ sealed, match }) => (sealed === true && match.kind === "command" ? [match.name] : []));

function isSameCommand(name: string, other: string): boolean {
  const programs = [other.replace(/^.*\//, "").toLowerCase()];
  return isNamedCommand(name, { typed: other, argv: [other], real: other, programs }, []);
}

/** Paths are not compared: a server is one. */
function hostsMeet(one: HostPattern, other: HostPattern): boolean {
  const isSamePort = one.port === other.port || one.port === "*" || other.port === "*";
  const covers = (a: HostPattern, b: HostPattern) =>
    a.host === b.host || (a.host.startsWith("*.") && `.${b.host}`.endsWith(a.host.slice(1)));
  const [first, second] = [one, other].map((pattern) => compileHostPattern({ ...pattern, path: null }));
  const isSame = first?.isThisMachine === true && second?.isThisMachine === true;
  return isSamePort && (isSame || covers(one, other) || covers(other, one));
}

/** P8: a command outside of a jail can read whatever the user can read. */
function checkSandbox({ data, layer, localOnly, problems }: Check): void {
  const { acceptUnsandboxed } = data.subprocess;
  const line = layer.scalars.get("subprocess.sandbox");
  if (!hasOpenCommands(data) || line === undefined) return;
  if (localOnly.profile === "strict")
    problems.add(line.source, line.at, OPEN_UNDER_STRICT.message, OPEN_UNDER_STRICT.hint);
  else if (!acceptUnsandboxed) {
    const hint = 'write `sandbox = "auto"`, or accept it with `accept_unsandboxed_commands = true`';
    problems.add(line.source, line.at, OPEN_COMMANDS, hint);
  }
}

const hasOpenCommands = ({ subprocess: { sandbox, allowed } }: PolicyData): boolean =>
  sandbox === "none" && allowed.length > 0;

const OPEN_COMMANDS = "commands without a jail can read what is local-only";

const OPEN_UNDER_STRICT = {
  message: `${OPEN_COMMANDS}, and \`profile = "strict"\` takes no exception`,
  hint: 'write `sandbox = "auto"`',
};

/** A policy that was fine by itself may not be as its ceilings leave it: the profile of one of them may be stricter. */
export const openUnderStrict = (data: PolicyData): typeof OPEN_UNDER_STRICT | null =>
  data.localOnly?.profile === "strict" && hasOpenCommands(data) ? OPEN_UNDER_STRICT : null;

function takesSealed(file: string, { rules }: PolicyData): boolean {
  const path = pathText(file);
  return rules.some(
    ({ sealed, on, match }) =>
      sealed === true &&
      on.includes("fs.write") &&
      match.kind === "path" &&
      (path === null || match.patterns.some((pattern) => compilePathGlob(pattern).matchesFolded(path, match.below))),
  );
}

/** P10. */
function checkReleases({ localOnly, layer, problems }: Check): void {
  const cap = localOnly.maxReleaseBitsPerDay;
  const line = layer.scalars.get("local_only.max_release_bits_per_day");
  if (cap === null || line === undefined) return;
  const unbounded = layer.tables.releases.filter((one) => one.data.perDay === null);
  for (const { table } of unbounded) {
    table.report(table.at, "`max_release_bits_per_day` needs every release to have `per_day`", "write `per_day = 100`");
  }
  const bits = Math.ceil(releaseBitsPerDay(localOnly));
  if (unbounded.length > 0 || bits <= cap) return;
  const message = `the releases can say up to ${bits} bits a day, more than ${cap}`;
  problems.add(line.source, line.at, message, "give a release a narrower type or a smaller `per_day`");
}

/** Releases that are legal and probably not meant. */
export function doubtfulReleases(data: PolicyData): readonly string[] {
  const { localOnly } = data;
  if (localOnly === null) return [];
  const book = new LocalOnlyBook(data);
  return localOnly.releases.flatMap(({ ref, from }) => {
    if (from.kind === "file" && takesSealed(from.path, data))
      return [
        `${ref.id} releases from a file that sealed data may be written to: an earlier run can choose what comes out`,
      ];
    if (isSealedSource(from, localOnly, book)) return [];
    const fix = from.kind === "file" ? "the file is not in `local_only_read`" : "its host is not in `local_only_hosts`";
    return [`${ref.id} has no effect: ${fix}`];
  });
}

function isSealedSource(from: ReleaseSource, { secrets }: LocalOnlyData, book: LocalOnlyBook): boolean {
  const target: Target =
    from.kind === "file"
      ? { on: "fs.read", role: "read", kind: "path", value: from.path }
      : { on: "net.http_get", role: "connect", kind: "url", value: from.url };
  const subject = readSubject(target, {});
  if (subject !== null && book.rules(subject, []).length > 0) return true;
  const url = from.kind === "request" ? urlText(from.url) : null;
  if (from.kind !== "request" || url === null) return false;
  return secrets
    .flatMap(({ uses }) => uses)
    .some(
      (use) =>
        use.kind === "request" &&
        use.response === "sealed" &&
        use.methods.includes(from.method) &&
        use.hosts.some((host) => compileHostPattern(host).matches(url)),
    );
}
