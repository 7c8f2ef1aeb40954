/** What `policy can` is asked about, from words as people type them. */
import {
  CAPABILITIES,
  type Capability,
  compileHost,
  compilePath,
  METHOD_CAPABILITY,
  type NeverPlace,
  nearest,
  type PolicyData,
  readCommandName,
  readVariable,
} from "@agent-run/policy";
import type { Within } from "./question.ts";
import type { Question } from "./regions.ts";

export interface TypedQuestion {
  /** Capabilities, or families as `fs.*`. */
  readonly on: readonly string[];
  readonly path?: readonly string[];
  readonly host?: readonly string[];
  readonly name?: readonly string[];
  readonly command?: readonly string[];
  readonly port?: number;
  readonly method?: string;
  readonly actor?: string;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

export type ReadQuestion =
  | { readonly ok: true; readonly question: Question }
  | { readonly ok: false; readonly message: string };

/** `homes`: what `~` stands for. */
export function readQuestion(typed: TypedQuestion, { root }: PolicyData, homes: readonly string[]): ReadQuestion {
  const on: Capability[] = [];
  for (const word of typed.on) {
    const found = CAPABILITIES.filter(
      (one) => one === word || (word.endsWith(".*") && one.startsWith(word.slice(0, -1))),
    );
    if (found.length === 0) return wrong(`\`${word}\` is no capability; ${didYouMean(word)}`);
    on.push(...found);
  }
  const places: NeverPlace[] = [];
  for (const text of typed.path ?? []) {
    const read = compilePath(text, { roots: [root], homes }, false);
    if (!read.ok) return wrong(`\`${text}\`: ${read.message}`);
    places.push({ attribute: "path", not: false, patterns: read.patterns });
  }
  for (const text of typed.host ?? []) {
    const read = compileHost(text, true);
    if (!read.ok) return wrong(`\`${text}\`: ${read.message}`);
    places.push({ attribute: "host", not: false, patterns: read.patterns });
  }
  for (const attribute of ["name", "command"] as const) {
    for (const text of typed[attribute] ?? []) {
      const read = attribute === "name" ? readVariable(text) : readCommandName(text);
      if (!read.ok) return wrong(`\`${text}\`: ${read.message}`);
      places.push({ attribute, not: false, patterns: [text] });
    }
  }
  const misplaced = misplacedIn(typed, on);
  if (misplaced !== null) return wrong(misplaced);
  return { ok: true, question: { on: [...new Set(on)], within: { places: joined(places), ...restOf(typed) } } };
}

const FAMILY = { path: "fs", host: "net", port: "net", method: "net", name: "env", command: "subprocess" } as const;

/** A place that says nothing about some of the capabilities would leave these out of account, silently. */
function misplacedIn(typed: TypedQuestion, on: readonly Capability[]): string | null {
  for (const [option, family] of Object.entries(FAMILY) as [keyof typeof FAMILY, string][]) {
    const value = typed[option];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    const others = on.filter((one) => !one.startsWith(`${family}.`));
    if (others.length > 0) return `\`--${option}\` does not apply to ${others.join(", ")}`;
  }
  const { port, method } = typed;
  if (port !== undefined && !(Number.isSafeInteger(port) && port >= 1 && port <= 65_535)) {
    return `\`${port}\` is no port; ports are 1 to 65535`;
  }
  if (method === undefined || on.some((one) => METHOD_CAPABILITY[method] === one)) return null;
  const methods = Object.keys(METHOD_CAPABILITY).filter((name) => on.some((one) => METHOD_CAPABILITY[name] === one));
  return `\`${method}\` is no method of ${on.join(", ")}; there are: ${methods.join(", ")}`;
}

/** Several of one kind are a choice. */
function joined(places: readonly NeverPlace[]): readonly NeverPlace[] {
  const hosts = places.flatMap((place) => (place.attribute === "host" ? place.patterns : []));
  const texts = (["path", "name", "command"] as const).flatMap((attribute): NeverPlace[] => {
    const patterns = places.flatMap((place) => (place.attribute === attribute ? place.patterns : []));
    return patterns.length === 0 ? [] : [{ attribute, not: false, patterns }];
  });
  return hosts.length === 0 ? texts : [...texts, { attribute: "host", not: false, patterns: hosts }];
}

const restOf = ({ port, method, actor, now }: TypedQuestion): Within => ({
  ...(port === undefined ? {} : { port }),
  ...(method === undefined ? {} : { method }),
  ...(actor === undefined ? {} : { actor }),
  ...(now === undefined ? {} : { now }),
});

const wrong = (message: string): ReadQuestion => ({ ok: false, message });

function didYouMean(word: string): string {
  const near = nearest(word, CAPABILITIES);
  return near === null || near === undefined ? `there are: ${CAPABILITIES.join(", ")}` : `did you mean \`${near}\`?`;
}
