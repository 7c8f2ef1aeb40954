/** A question about some calls only: what `--path`, `--host` and the like leave of each dimension. */
import type { Capability, HostPattern } from "@agent-run/policy";
import { Automaton } from "./automaton.ts";
import type { Value } from "./clause.ts";
import { exactly } from "./domains.ts";
import type { Dimension } from "./explore.ts";
import { nameNodes, pathNodes } from "./path-atoms.ts";
import { hostPattern } from "./patterns.ts";
import { all, matches, not, type TextTest } from "./text-test.ts";

export interface Limits {
  /** Rooted path patterns, with what lies below what they name; `not`: everything but that. */
  readonly path?: Patterns;
  readonly name?: Patterns;
  readonly command?: Patterns;
  readonly host?: { readonly patterns: readonly HostPattern[]; readonly not?: boolean };
  readonly port?: number;
  readonly scheme?: "http" | "https";
  readonly method?: string;
  readonly actor?: string;
  readonly now?: number;
  readonly bytes?: number;
}

interface Patterns {
  readonly patterns: readonly string[];
  readonly not?: boolean;
}

export function limited(
  dimensions: readonly Dimension[],
  capability: Capability,
  within: Limits,
): readonly Dimension[] {
  return dimensions.map((dimension) => limitedOne(dimension, capability, within));
}

function limitedOne(dimension: Dimension, _capability: Capability, within: Limits): Dimension {
  const { name } = dimension;
  if (dimension.kind === "text") {
    if (name === "path" && within.path !== undefined) return textWithin(dimension, pathTest(within.path));
    if (name === "name" && within.name !== undefined) return textWithin(dimension, nameTest(within.name));
    if (name === "actor" && within.actor !== undefined) return textWithin(dimension, exactly(within.actor));
    if (name === "host" && within.host !== undefined) return hostWithin(dimension, within.host);
    return dimension;
  }
  const fixed = fixedValue(name, within);
  if (fixed !== undefined) return { ...dimension, values: [fixed] };
  return dimension;
}

function fixedValue(name: string, { port, scheme, now, bytes, method }: Limits): Value | undefined {
  if (name === "port") return port;
  if (name === "scheme") return scheme;
  if (name === "now") return now;
  if (name === "bytes") return bytes;
  return name === "method" ? method : undefined;
}

type TextDimension = Extract<Dimension, { kind: "text" }>;

const textWithin = (dimension: TextDimension, test: TextTest): Dimension => ({
  ...dimension,
  domain: all(dimension.domain, test),
  specials: [],
});

function pathTest({ patterns, not: isNot }: Patterns): TextTest {
  const automaton = new Automaton();
  for (const pattern of patterns) automaton.add(...pathNodes(automaton.loom, pattern, 0, "narrow", true));
  return isNot === true ? not(matches(automaton)) : matches(automaton);
}

function nameTest({ patterns, not: isNot }: Patterns): TextTest {
  const automaton = new Automaton();
  for (const pattern of patterns) automaton.add(...nameNodes(automaton.loom, pattern, 0, "narrow"));
  return isNot === true ? not(matches(automaton)) : matches(automaton);
}

function hostWithin(dimension: TextDimension, { patterns, not: isNot }: NonNullable<Limits["host"]>): Dimension {
  const automaton = new Automaton();
  for (const { host } of patterns) automaton.add(hostPattern(automaton.loom, host, 0));
  const test = matches(automaton);
  return { ...dimension, domain: all(dimension.domain, isNot === true ? not(test) : test) };
}
