/**
 * What a model is told of local-only values: which places are sealed, which secrets there are and where each may stand,
 * which releases there are, and how to work with what it cannot see. Names and places only, as the policy has them; no
 * value is known on this side. Nothing where a policy seals nothing.
 */
import type { LocalOnlyData, Policy, ReleaseData, RequestUse, SecretData, SecretUse } from "@agent-run/policy";
import { nameOfSecret } from "@agent-run/runtime";
import { hostText, listed, patternsOf, rulesOn } from "./grants.ts";
import { type Places, shownPath } from "./place.ts";
import { quoted } from "./quoted.ts";

/** Secrets, uses of one, and releases that are listed. */
const MOST = 10;
const MOST_OF_ONE = 100;

export function sealedGuide(policy: Policy, places: Places): readonly string[] {
  const { localOnly } = policy;
  if (localOnly === null) return [];
  if (localOnly.mode === "redact")
    return ["Values of local-only places are removed from what a script prints and returns. Do not try to show them."];
  const lines = [
    ...placeLines(policy, places),
    ...some(localOnly.secrets).map(secretLine),
    ...some(localOnly.releases).map((release) => releaseLine(release, places)),
  ];
  return [`${HOW}\n${lines.join("\n")}`, waitsOf(localOnly)];
}

const HOW =
  "Some things are sealed: a script uses them and never sees them. Reading one gives a `Sealed` at once, whether or not it is there. It prints as [sealed …], stands for its value inside texts and bodies, and what a sealed place answers is a Sealed, too. Do not branch on it, compare or slice it: `x.map((v) => …)` computes on the value, elsewhere, and gives a Sealed. Its function is moved as text: no outer names, public values as further arguments.";

const PLACES = [
  ["files read sealed", "fs.read"],
  ["files that take sealed data", "fs.write"],
  ["variables read sealed", "env.read"],
  ["hosts that take sealed data, any method, sealed answers", "net.http_get"],
  ["commands that take sealed data as stdin or env, sealed answers", "subprocess.exec"],
] as const;

function placeLines(policy: Policy, places: Places): string[] {
  const names = new Set(policy.localOnly?.secrets.map(({ ref }) => ref.id));
  return PLACES.flatMap(([says, on]) => {
    const rules = rulesOn(policy, on, "allow").filter(({ sealed, ref }) => sealed === true && !names.has(ref.id));
    const patterns = rules.flatMap((rule) => patternsOf(rule, places));
    return patterns.length === 0 ? [] : [`- ${says}: ${listed(patterns)}`];
  });
}

function secretLine(secret: SecretData): string {
  const read = `env.read(${quoted(nameOfSecret(secret), MOST_OF_ONE)})`;
  const data = secret.data ? [`${read} is sealed data like any other`] : [];
  const where = [...data, ...some(secret.uses).map((use) => useText(use, read))];
  return `- secret ${secret.name}: ${where.length === 0 ? "no use is declared" : where.join("; ")}`;
}

function useText(use: SecretUse, read: string): string {
  const answer =
    use.response === "public"
      ? "ordinary answer"
      : use.outcome
        ? "sealed answer, but its `.ok` is a plain boolean"
        : "sealed answer";
  if (use.kind === "command")
    return `the command ${quoted(use.argv.join(" "), MOST_OF_ONE)} gets it by itself, ${answer}`;
  const { slot } = use;
  const name = JSON.stringify(slot.name);
  const place =
    slot.kind === "header" ? `headers {${name}: ${slotValue(use, read)}}` : `query ${name}: ${slotValue(use, read)}`;
  return `${use.methods.join(", ")} ${listed(use.hosts.map(hostText))} with ${place}, exactly, ${answer}`;
}

/** As a script writes it. */
function slotValue({ format }: RequestUse, read: string): string {
  if (format.kind === "sigv4") return `${read} (becomes the signature)`;
  const around = [format.before, null, format.after].flatMap((part) => {
    if (part === null) return [formatted(format.of.at(-1), read)];
    return part === "" ? [] : [quoted(part, MOST_OF_ONE)];
  });
  return around.join(" + ");
}

function formatted(of: string | undefined, read: string): string {
  if (of === "basic") return `btoa("USER:" + ${read})`;
  if (of === "hmac") return `crypto.hmac(${read}, TEXT)`;
  return of === "jwt" ? `seal.jwt(${read}, CLAIMS)` : read;
}

function releaseLine({ name, from, type, otherwise, perRun }: ReleaseData, places: Places): string {
  const source =
    from.kind === "file"
      ? `fs.read(${quoted(shownPath(from.path, places), MOST_OF_ONE)})`
      : from.method === "GET"
        ? `net.httpGet(${quoted(from.url, MOST_OF_ONE)})`
        : `net.request({method: "${from.method}", url: ${quoted(from.url, MOST_OF_ONE)}})`;
  const gives = type.kind === "enum" ? listed(type.values) : TYPES[type.kind];
  return `- release(${quoted(name, MOST_OF_ONE)}, ${source}) gives ${gives}, else ${quoted(otherwise, MOST_OF_ONE)}; ${perRun} a run`;
}

const TYPES = { bool: "a boolean", int: "a whole number", pattern: "a short text", text: "a short text" } as const;

function waitsOf({ profile, maxWaits }: LocalOnlyData): string {
  const until = profile === "relaxed" ? "until sealed work is done" : "for a tick";
  const often = maxWaits === 1 ? "once" : `${maxWaits} times`;
  return `After sealed work that changes something, the next such effect in the open and the end of the run wait ${until}; so does each release. A run may wait ${often} besides its end: do what is open first.`;
}

const some = <T>(list: readonly T[]): readonly T[] => list.slice(0, MOST);
