/** What `policy can` is asked about, from words as people type them. */
import {
  CAPABILITIES,
  type Capability,
  compileHost,
  compilePath,
  type NeverPlace,
  nearest,
  type PolicyData,
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
  for (const attribute of ["name", "command"] as const)
    for (const text of typed[attribute] ?? []) places.push({ attribute, not: false, patterns: [text] });
  const misplaced = places.find((place) => !on.some((one) => FAMILY[place.attribute] === one.split(".")[0]));
  if (misplaced !== undefined) return wrong(`\`--${misplaced.attribute}\` does not apply to ${on.join(", ")}`);
  return { ok: true, question: { on: [...new Set(on)], within: { places: joined(places), ...restOf(typed) } } };
}

const FAMILY = { path: "fs", host: "net", name: "env", command: "subprocess" } as const;

/** Several of one kind are a choice. */
function joined(places: readonly NeverPlace[]): readonly NeverPlace[] {
  const hosts = places.flatMap((place) => (place.attribute === "host" ? place.patterns : []));
  const texts = (["path", "name", "command"] as const).flatMap((attribute): NeverPlace[] => {
    const patterns = places.flatMap((place) => (place.attribute === attribute ? place.patterns : []));
    return patterns.length === 0 ? [] : [{ attribute, not: false, patterns }];
  });
  return hosts.length === 0 ? texts : [...texts, { attribute: "host", not: false, patterns: hosts }];
}

const restOf = ({ port, method, actor }: TypedQuestion): Within => ({
  ...(port === undefined ? {} : { port }),
  ...(method === undefined ? {} : { method }),
  ...(actor === undefined ? {} : { actor }),
});

const wrong = (message: string): ReadQuestion => ({ ok: false, message });

function didYouMean(word: string): string {
  const near = nearest(word, CAPABILITIES);
  return near === null || near === undefined ? `there are: ${CAPABILITIES.join(", ")}` : `did you mean \`${near}\`?`;
}
