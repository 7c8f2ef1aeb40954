/** Places that rules are about, as calls name them: paths, URLs, names of variables, command lines. Guesses, as in sample-path.ts. */
import { escapeGlob, type HostPattern, type RuleData, type RuleMatch } from "@agent-run/policy";
import { sampleNames, samplePaths } from "./sample-path.ts";

/** Members of a call that say where. */
export type Place = Readonly<Record<string, string | readonly string[]>>;

/** Of one rule at most so many are tried with so many others. */
const MOST_OTHERS = 60;
const MOST_PLACES = 200;

/** `about`: the parts as they are and as the slip made them; `others`: what else the policy has to say there. */
export function samplePlaces(about: readonly RuleData[], others: readonly RuleData[]): readonly Place[] {
  const near = others.slice(0, MOST_OTHERS);
  const places = [
    ...pathsOf(about, near).map((path) => ({ path })),
    ...urlsOf(about, near).map((url) => ({ url })),
    ...namesOf(about, near).map((name) => ({ name })),
    ...linesOf(about, near).map((argv) => ({ argv })),
  ];
  return places.slice(0, MOST_PLACES);
}

const everywhere = (rules: readonly RuleData[]): readonly RuleMatch[] =>
  rules.flatMap(({ match, except }) => (except === undefined ? [match] : [except, match]));

function pathsOf(about: readonly RuleData[], others: readonly RuleData[]): readonly string[] {
  const of = (rules: readonly RuleData[]) => [
    ...everywhere(rules).flatMap((match) => (match.kind === "path" ? match.patterns : [])),
    ...rules.flatMap(patternsOfConditions),
  ];
  const needsAny = about.some(({ match, on }) => match.kind === "any" && on.some((one) => one.startsWith("fs.")));
  const own = unique(needsAny ? [...of(about), ...of(others)] : of(about));
  const near = unique([...of(about), ...of(others)]);
  const below = about.some(({ match }) => match.kind === "path" && match.below);
  const single = own.flatMap((pattern) => samplePaths(pattern));
  const joint = own.flatMap((pattern) =>
    near.flatMap((other) => (other === pattern ? [] : samplePaths(pattern, other).slice(0, 4))),
  );
  return unique([...single, ...joint, ...(below ? single.map((path) => `${path}/x`) : [])]);
}

/** What conditions say of the path, as patterns. */
function patternsOfConditions({ when = [] }: RuleData): readonly string[] {
  return when.flatMap(({ attribute, test }): readonly string[] => {
    if (attribute !== "path") return [];
    switch (test.op) {
      case "glob":
        return test.patterns;
      case "in":
      case "not_in":
        return test.values.map((value) => escapeGlob(String(value)));
      case "eq":
      case "ne":
        return [escapeGlob(String(test.value))];
      case "starts_with":
        return [`${escapeGlob(test.value)}*`, `${escapeGlob(test.value)}*/**`];
      case "ends_with":
        return [test.value.startsWith("/") ? `/**${escapeGlob(test.value)}` : `/**/*${escapeGlob(test.value)}`];
      case "contains":
        return [`/**/*${escapeGlob(test.value)}*`, `/**/*${escapeGlob(test.value)}*/**`];
      default:
        return [];
    }
  });
}

/** Each host with each scheme, port and path that any of the patterns names. */
function urlsOf(about: readonly RuleData[], others: readonly RuleData[]): readonly string[] {
  const hosts = (rules: readonly RuleData[]) =>
    everywhere(rules).flatMap((match) => (match.kind === "host" ? match.patterns : []));
  const own = hosts(about);
  const ranges = about.flatMap(({ match }) => (match.kind === "address" ? match.ranges : []));
  const isNet = about.some(({ on }) => on.some((one) => one.startsWith("net.")));
  const all = isNet ? [...own, ...hosts(others)] : [];
  const names = unique([
    ...all.flatMap((one) => hostNames(one.host)),
    ...ranges.map((range) => range.replace(/\/.*/, "")),
  ]);
  const plain = own.some(({ path }) => path === null) || own.length === 0 ? ["/"] : [];
  const named = [...plain, ...about.flatMap(urlPathsOfConditions), ...own.flatMap(urlPaths)];
  const paths = unique([...named, "/", ...hosts(others).flatMap(urlPaths)]).slice(0, 12);
  const origins = unique(all.flatMap(originsOf)).slice(0, 8);
  return names
    .slice(0, 24)
    .flatMap((name) =>
      origins.flatMap((origin) =>
        paths.map((path) => `${origin.replace("HOST", name.includes(":") ? `[${name}]` : name)}${path}`),
      ),
    );
}

const hostNames = (host: string): readonly string[] =>
  host === "*" ? ["example.org"] : host.startsWith("*.") ? [`sub.${host.slice(2)}`, host.slice(2)] : [host];

function originsOf({ scheme, port }: HostPattern): readonly string[] {
  const schemes = scheme === "*" ? ["https", "http"] : [scheme];
  return schemes.flatMap((one) => {
    const usual = port === (one === "https" ? 443 : 80);
    const ports = port === "*" || usual ? ["", ":8443"] : [`:${port}`, ""];
    return ports.map((suffix) => `${one}://HOST${suffix}`);
  });
}

const urlPaths = ({ path }: HostPattern): readonly string[] => (path === null ? [] : samplePaths(path).slice(0, 6));

function urlPathsOfConditions({ when = [] }: RuleData): readonly string[] {
  return when.flatMap(({ attribute, test }) => {
    if (attribute !== "url_path") return [];
    if (test.op === "glob") return test.patterns.flatMap((pattern) => samplePaths(pattern).slice(0, 4));
    return "value" in test ? [`/${String(test.value).replace(/^\//, "")}`] : [];
  });
}

function namesOf(about: readonly RuleData[], others: readonly RuleData[]): readonly string[] {
  const of = (rules: readonly RuleData[]) =>
    everywhere(rules).flatMap((match) => (match.kind === "variable" ? match.patterns.flatMap(sampleNames) : []));
  const isEnv = about.some(({ on }) => on.includes("env.read"));
  if (!isEnv) return [];
  const values = [...about, ...others].flatMap(({ when = [] }) =>
    when.flatMap(({ attribute, test }) => (attribute === "name" && "value" in test ? [String(test.value)] : [])),
  );
  return unique([...of(about), ...values, ...of(others), "X"]);
}

/** The command alone, with one more word, and with the words of every pattern about it. */
function linesOf(about: readonly RuleData[], others: readonly RuleData[]): readonly (readonly string[])[] {
  if (!about.some(({ on }) => on.includes("subprocess.exec"))) return [];
  const commands = (rules: readonly RuleData[]) =>
    rules.flatMap(({ match }) => (match.kind === "command" ? [match] : []));
  const own = commands(about);
  const near = commands(others);
  const named = own.length > 0 && own.every(({ name }) => name !== "*") ? own : [...own, ...near];
  const names = unique(named.map(({ name }) => name)).filter((name) => name !== "*");
  return names.flatMap((name) => {
    const words = [...own, ...near]
      .filter((one) => one.name === name || one.name === "*")
      .flatMap(({ args = [] }) => args);
    return [[name], [name, "x"], ...unique(words).flatMap((text) => argumentsOf(text).map((rest) => [name, ...rest]))];
  });
}

function argumentsOf(words: string): readonly (readonly string[])[] {
  const list = words.split(" ").filter((word) => word !== "" && word !== "**");
  const plain = list.map((word) => sampleNames(word)[0] ?? word);
  return [plain, [...plain, "x"], plain.slice(0, -1)];
}

const unique = <T>(list: readonly T[]): readonly T[] => [...new Set(list)];
