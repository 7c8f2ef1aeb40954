/**
 * `[[secret.use]]`: one exact request or command that may be given a secret. What this guards (P2, P3, P4, P6, P7): the
 * operator says in words whether the answer is public, a secret leaves over https only, never to every host, and not to
 * hosts that are known to send it back.
 */
import { readCommandName } from "./entry.ts";
import { isThisMachine } from "./host.ts";
import { compileHost } from "./host-pattern.ts";
import type { CommandUse, RequestUse, SecretUse } from "./local-only-data.ts";
import type { HostPattern } from "./policy-data.ts";
import type { RawTable, Text } from "./read-tables.ts";
import { reflectingHost } from "./reflecting-hosts.ts";
import { METHOD_CAPABILITY } from "./signatures.ts";
import { PLAIN_FORMAT, readCommandSlot, readFormat, readRequestSlot } from "./slot.ts";
import { CONTROL, shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { canonicalUrl } from "./url.ts";

/** Null where something is wrong with it; then it was reported. */
export function readUse(table: RawTable, secret: string): SecretUse | null {
  const [host, command] = [table.has("host"), table.has("command")];
  if (host === command) {
    table.report(
      table.at,
      host ? "a use has either `host` or `command`" : "`[[secret.use]]` lacks `host` or `command`",
      host ? "write two uses" : 'write `host = "api.example.com"` or `command = ["git", "push", "origin", "*"]`',
    );
    return null;
  }
  const common = {
    ref: { id: `secret.${secret}.use[${table.index}]`, file: table.source.file, line: table.at.line },
    response: table.text("response")?.text === "public" ? ("public" as const) : ("sealed" as const),
    outcome: table.has("outcome"),
    outcomesPerRun: table.has("outcome") ? (table.count("per_run") ?? 10) : null,
  };
  checkOutcome(table, common.response);
  return host ? readRequestUse(table, common) : readCommandUse(table, common);
}

type Common = Pick<SecretUse, "ref" | "response" | "outcome" | "outcomesPerRun">;

function checkOutcome(table: RawTable, response: "public" | "sealed"): void {
  if (table.has("outcome") && table.has("response") && response === "public") {
    table.report(table.placeOf("outcome"), "`outcome` is for sealed answers; of a public one everything is seen");
  }
  if (table.has("per_run") && !table.has("outcome")) {
    table.report(
      table.placeOf("per_run"),
      "`per_run` counts outcomes, and this use has none",
      'write `outcome = "ok"`',
    );
  }
}

function readRequestUse(table: RawTable, common: Common): RequestUse | null {
  refuseKeys(table, ["remote"], "command");
  const hosts = table.texts("host").flatMap((one) => readHost(table, one));
  const methods = table.texts("methods").flatMap((one) => readMethod(table, one));
  const paths = table.texts("paths");
  for (const key of ["methods", "paths"]) {
    const hint = key === "methods" ? 'write `methods = ["GET"]`' : 'write `paths = ["/v1/**"]`, or `["/**"]` for all';
    if (!table.has(key)) table.report(table.at, `a use at a host lacks \`${key}\``, hint);
    else if (table.isList(key) && table.texts(key).length === 0) reportEmpty(table, key);
  }
  if (table.isList("host") && table.texts("host").length === 0) reportEmpty(table, "host");
  const text = table.text("slot");
  const slot = text === null ? null : readRequestSlot(text.text);
  if (text !== null && slot?.ok === false) table.report(text.at, slot.message, slot.hint);
  if (slot?.ok !== true) return null;
  const written = table.text("format");
  const format = written === null ? { ok: true as const, format: PLAIN_FORMAT } : readFormat(written.text, slot.slot);
  if (!format.ok) {
    table.report(table.placeOf("format"), format.message, format.hint);
    return null;
  }
  if (common.response === "public") for (const one of table.texts("host")) refuseReflecting(table, one);
  const placed = hosts.flatMap((pattern) => paths.flatMap((path) => withPath(table, pattern, path)));
  if (placed.length === 0 || methods.length === 0) return null;
  return {
    kind: "request",
    ...common,
    hosts: placed,
    methods: [...new Set(methods)],
    slot: slot.slot,
    format: format.format,
  };
}

function reportEmpty(table: RawTable, key: string): void {
  table.report(table.placeOf(key), `\`${key}\` is empty, so the use could never be`);
}

function readHost(table: RawTable, { text, at }: Text): readonly HostPattern[] {
  const compiled = compileHost(text, false);
  if (!compiled.ok) {
    table.report(at, compiled.message, compiled.hint);
    return [];
  }
  const [pattern] = compiled.patterns;
  if (pattern === undefined) return [];
  const problem = hostProblem(text, pattern, table.flag("wildcard"));
  if (problem !== null) table.report(at, problem.message, problem.hint);
  return problem === null ? [pattern] : [];
}

function hostProblem(text: string, pattern: HostPattern, wildcard: boolean): { message: string; hint?: string } | null {
  if (pattern.path !== null || /[^/]\/$/.test(text))
    return { message: "the path of a use stands in `paths`, not in `host`" };
  if (pattern.host === "*") return { message: "a secret can not go to every host", hint: "name the host" };
  if (pattern.host.startsWith("*.") && !wildcard) {
    const message = `\`${shown(text)}\` stands for many hosts, and each of them would get the secret`;
    return { message, hint: "name the host, or say so with `wildcard = true`" };
  }
  return insecurePlace(pattern);
}

/** P6 and P7: for whatever may be sent what is sealed. */
export function insecurePlace({ host, scheme, port }: HostPattern): { message: string; hint: string } | null {
  const isHere = isThisMachine(host);
  if (isHere && port === "*") {
    return {
      message: "on this machine a port is named: what listens on another is not known",
      hint: "write `localhost:11434`",
    };
  }
  if (isHere || scheme === "https") return null;
  return { message: "what is sealed goes to other machines over https only", hint: "write the host without `http://`" };
}

function refuseReflecting(table: RawTable, { text, at }: Text): void {
  const compiled = compileHost(text, false);
  const known = compiled.ok ? compiled.patterns.map(reflectingHost).find((one) => one !== null) : undefined;
  if (known === undefined) return;
  table.report(
    at,
    `\`${known}\` sends back what it is sent, so a public answer would hold the secret`,
    'write `response = "sealed"`',
  );
}

function withPath(table: RawTable, pattern: HostPattern, { text, at }: Text): readonly HostPattern[] {
  if (!text.startsWith("/")) {
    table.report(at, "a path begins with `/`", `write \`/${shown(text)}\``);
    return [];
  }
  if (!table.allows(at, 0)) return [];
  const compiled = compileHost(`https://a.example${text}`, false);
  // For each host again.
  if (compiled.ok && !table.allows(at, compiled.patterns.length)) return [];
  if (compiled.ok) return compiled.patterns.map(({ path }) => ({ ...pattern, path }));
  table.report(at, compiled.message, compiled.hint);
  return [];
}

function readMethod(table: RawTable, { text, at }: Text): readonly string[] {
  if (Object.hasOwn(METHOD_CAPABILITY, text)) return [text];
  const known = Object.keys(METHOD_CAPABILITY);
  table.report(at, `\`${shown(text)}\` is not a method`, didYouMean(text, known) ?? `there are: ${known.join(", ")}`);
  return [];
}

function readCommandUse(table: RawTable, common: Common): CommandUse | null {
  refuseKeys(table, ["methods", "paths", "format", "wildcard"], "host");
  const argv = readUseArgv(table);
  const text = table.text("slot");
  const slot = text === null ? null : readCommandSlot(text.text);
  if (text !== null && slot?.ok === false) table.report(text.at, slot.message, slot.hint);
  if (slot?.ok !== true || argv === null) return null;
  if (slot.slot.kind !== "askpass") {
    if (table.has("remote")) table.report(table.placeOf("remote"), '`remote` is for `slot = "askpass"`');
    return { kind: "command", ...common, argv, slot: slot.slot };
  }
  if (argv[0]?.replace(/^.*\//, "") !== "git") {
    table.report(table.placeOf("slot"), "`askpass` is for git", 'write `slot = "env:NAME"` or `slot = "stdin"`');
  }
  const remote = readRemote(table);
  return remote === null ? null : { kind: "command", ...common, argv, slot: { kind: "askpass", remote } };
}

function readUseArgv(table: RawTable): readonly string[] | null {
  const words = table.texts("command");
  const [first, ...others] = words;
  if (first === undefined) {
    if (table.isList("command")) reportEmpty(table, "command");
    return null;
  }
  const name = readCommandName(first.text);
  if (!name.ok) {
    table.report(first.at, name.message, name.hint);
    return null;
  }
  for (const [index, word] of others.entries()) {
    if (CONTROL.test(word.text)) table.report(word.at, "a word of the command holds a control character");
    if (word.text === "**" && index < others.length - 1) {
      table.report(word.at, "`**` stands for all further words, so it is the last one", "write `*` for one word");
    } else if (word.text.includes("*") && !/^\*\*?$/.test(word.text)) {
      table.report(word.at, "`*` stands for a whole word", "write `*` alone, or the word");
    }
  }
  return words.map(({ text }) => text);
}

/** Https, or http on this machine; the very URL that git may talk to. */
function readRemote(table: RawTable): string | null {
  const text = table.text("remote");
  if (text === null) {
    if (!table.has("remote"))
      table.report(table.at, "`askpass` needs `remote`", 'write `remote = "https://github.com/me/project.git"`');
    return null;
  }
  const url = canonicalUrl(text.text);
  if (!url.ok) {
    table.report(text.at, url.failure.message);
    return null;
  }
  const { scheme, host, port } = url.value;
  const problem = insecurePlace({ scheme, host, port, path: null });
  if (problem === null && !/[?#]/.test(text.text)) return url.value.url;
  if (problem !== null) table.report(text.at, problem.message, "write a URL that begins with `https://`");
  else table.report(text.at, "the URL of a remote has no query and no fragment");
  return null;
}

function refuseKeys(table: RawTable, keys: readonly string[], of: string): void {
  for (const key of keys.filter((one) => table.has(one))) {
    table.report(table.placeOf(key), `\`${key}\` is for uses with \`${of}\``, "remove it");
  }
}
