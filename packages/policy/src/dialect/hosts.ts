/**
 * Host patterns of the dialect: globs over the name alone, on every scheme and port. Ours are a name, `*.name` or `*`.
 * A grant that can not be said so is left out; a denial becomes a rule with a condition.
 */
import { expandBraces } from "../glob-text.ts";
import type { Place } from "../problem.ts";
import { CAPABILITIES } from "../signatures.ts";
import type { Node } from "../toml.ts";
import { type Carrying, quoted, textNode, textsNode, whenNode } from "./carrying.ts";
import { type Carried, carryList, changed, kept, left } from "./list.ts";

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d+){3})$/i;

export function grantedHost(text: string): Carried {
  if (neverMatched(text)) {
    return left(
      `${quoted(text)} is compared with names there, so it matched nothing`,
      "write it in a policy with `version = 1`",
    );
  }
  if (LOOPBACK.test(text)) return changed([`${text}:*`], `${quoted(text)} is granted over http only`);
  const names = alternatives(text);
  const sayable = names.filter(isSayable);
  if (names.length === 1 && sayable.length === 1) return kept(text);
  if (sayable.length === names.length) return { texts: sayable };
  const message = `${quoted(text)} can not be granted: a host is a name, or \`*.\` and a name`;
  return { texts: sayable, note: { message: `left out: ${message}`, hint: "name the hosts one by one" } };
}

/** One that can not be sealed is denied, else a public grant of it would hold. */
export function carrySealedHosts(into: Carrying, path: readonly string[], at: Place, node: Node): void {
  const closed = CAPABILITIES.filter((on) => on.startsWith("net.") && into.about.closed.has(on));
  const one = (text: string) =>
    closed.length === 0 ? sealedHost(text) : denied(text, `\`[functions]\` does not allow ${closed.join(", ")}`);
  carryList(into, path, at, node, one);
  for (const item of node.kind === "array" ? node.items : []) {
    if (item.kind !== "string" || item.value.startsWith("!")) continue;
    if (item.value === "*" || one(item.value).note === undefined || neverMatched(item.value)) continue;
    const { texts, globs } = deniedNames(item.value);
    into.add(["network", "deny_hosts"], item.at, [...textsOf(texts, item.at)]);
    if (globs.length > 0) denyGlobs(into, item.at, globs);
  }
}

function sealedHost(text: string): Carried {
  // Then nothing is granted in the open, see keys.ts.
  if (text === "*") return left("sealed data can not go to every host", "name the hosts");
  if (!LOOPBACK.test(text)) {
    const granted = grantedHost(text);
    return granted.note === undefined || neverMatched(text)
      ? granted
      : denied(text, "a host is a name, or `*.` and a name");
  }
  const hint = "write `localhost:11434` in a policy with `version = 1`";
  return denied(text, "on this machine a port is named for what is sealed", hint);
}

function denied(text: string, why: string, hint?: string): Carried {
  const message = `${quoted(text)} is denied here: ${why}`;
  return { texts: [], note: hint === undefined ? { message } : { message, hint } };
}

/** A glob that no list can say is a rule with a condition. */
export function carryDeniedHosts(into: Carrying, path: readonly string[], at: Place, node: Node): void {
  carryList(into, path, at, node, (text, place) => {
    const { texts, globs } = deniedNames(text);
    if (globs.length > 0) denyGlobs(into, place, globs);
    return { texts };
  });
}

function denyGlobs(into: Carrying, at: Place, globs: readonly string[]): void {
  into.addRule(at, "deny-host", {
    effect: textNode(at, "deny"),
    on: textsNode(at, "net.*"),
    when: whenNode(at, "host", "glob", textsNode(at, ...globs)),
  });
}

/** What a list of ours can say, and what it can not; classes match any character then. */
function deniedNames(text: string): { readonly texts: readonly string[]; readonly globs: readonly string[] } {
  const names = alternatives(text);
  const globs = names.filter((name) => !isSayable(name)).map((name) => name.replace(/\[[^\]]*\]|[[\]{}\\]/g, "?"));
  return { texts: names.filter(isSayable), globs: globs.map((one) => one.toLowerCase()) };
}

const textsOf = (texts: readonly string[], at: Place): readonly Node[] => texts.map((value) => textNode(at, value));

const neverMatched = (text: string): boolean => /[:/]/.test(text);

const alternatives = (text: string): readonly string[] =>
  text.includes("{") ? (expandBraces(text) ?? [text]) : [text];

const isSayable = (name: string): boolean => name === "*" || !/[*?[\]{}\\]/.test(name.replace(/^\*\./, ""));
