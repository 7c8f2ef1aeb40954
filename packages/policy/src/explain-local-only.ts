/**
 * What a policy does with local-only values, in sentences for the operator: what is sealed, where each secret may go and
 * what comes back in the open, what is released, and how many bits that can be at most. It claims no more than that.
 */
import { capacityOf, RUNS_PER_DAY } from "./capacity.ts";
import { formatDuration } from "./duration.ts";
import { hostText } from "./host-text.ts";
import type {
  LabelPlace,
  LocalOnlyData,
  ReleaseData,
  ReleaseType,
  SecretData,
  SecretUse,
  SlotFormat,
} from "./local-only-data.ts";
import type { PolicyData, RuleData } from "./policy-data.ts";
import type { Capability } from "./signatures.ts";
import { shown } from "./spelling.ts";

/** Empty where nothing is local-only. */
export function explainLocalOnly(policy: PolicyData): string[] {
  const { localOnly } = policy;
  if (localOnly === null) return [];
  return [
    ...sealedSentences(policy),
    ...localOnly.labels.map(
      ({ name, sources, sinks }) =>
        `Label ${name}: what comes from ${placesText(sources)} may go to ${sinks.length === 0 ? "nothing" : placesText(sinks)} only.`,
    ),
    ...localOnly.secrets.flatMap((secret) => [
      secretSentence(secret),
      ...secret.uses.map((use) => useSentence(secret, use)),
    ]),
    ...localOnly.releases.map(releaseSentence),
    ...capacitySentences(localOnly),
    clockSentence(localOnly),
    ...modeSentences(policy, localOnly),
  ];
}

const ENTRIES: readonly (readonly [on: Capability, says: string])[] = [
  ["fs.read", "Files that are read sealed"],
  ["fs.write", "Files that may receive sealed data"],
  ["net.http_get", "Hosts that may receive sealed data, and whose answers are sealed"],
  ["env.read", "Variables that are read sealed"],
  ["subprocess.exec", "Commands that may receive sealed data, and whose answers are sealed"],
];

function sealedSentences({ rules }: PolicyData): readonly string[] {
  return ENTRIES.flatMap(([on, says]) => {
    const found = rules.filter(
      ({ sealed, on: those, ref }) => sealed === true && those.includes(on) && !isSecret(ref.id),
    );
    const texts = [...new Set(found.flatMap(patternTexts))];
    return texts.length === 0 ? [] : [`${says}: ${listed(texts)}.`];
  });
}

const isSecret = (id: string): boolean => id.startsWith("secret.");

function patternTexts({ match }: RuleData): readonly string[] {
  if (match.kind === "path" || match.kind === "variable") return match.patterns;
  if (match.kind === "host") return match.patterns.map(hostText);
  return match.kind === "command" ? [match.name] : [];
}

function secretSentence({ name, source, data, uses }: SecretData): string {
  const opens = data
    ? "It is sealed data like any other: compartments may open it, and local-only places may receive it."
    : "It can be used and not opened.";
  const places = uses.length === 0 && !data ? " No use is declared, so it goes nowhere." : "";
  return `Secret ${name} comes from ${sourceText(source)}. ${opens}${places}`;
}

function sourceText(source: SecretData["source"]): string {
  if (source.kind === "exchange") {
    return `the member ${code(source.field)} of what ${code(source.url)} answers to the secret ${source.secret}`;
  }
  const field = source.field === null ? "" : `${code(source.field)} of `;
  if (source.kind === "env") return `${field}the variable ${code(source.name)}`;
  if (source.kind === "file") return `${field}the file ${code(source.path)}, which nothing else reaches`;
  return `${field}the output of ${code(source.argv.join(" "))}`;
}

function useSentence({ name }: SecretData, use: SecretUse): string {
  const place =
    use.kind === "request"
      ? `${use.methods.join(", ")} ${listed([...new Set(use.hosts.map(hostText))])} as the ${slotText(use.slot)}${formatText(use.format)}`
      : `the command ${code(use.argv.join(" "))} ${commandSlotText(use.slot)}`;
  const answer =
    use.response === "public"
      ? "the answer comes back in the open, whatever it says"
      : use.outcomesPerRun === null
        ? "the answer is sealed"
        : `the answer is sealed, but whether it went well is told up to ${times(use.outcomesPerRun)} a run`;
  return `Secret ${name} may go to ${place}; ${answer}.`;
}

const slotText = ({ kind, name }: { readonly kind: "header" | "query"; readonly name: string }): string =>
  kind === "header" ? `header ${code(name)}` : `query parameter ${code(name)}`;

function formatText(format: SlotFormat): string {
  if (format.kind === "sigv4") return `, as a signature for ${format.service} in ${format.region}`;
  const [of = "original"] = format.of;
  return `, written ${code(`${format.before}${of === "original" ? "{}" : `{${of}}`}${format.after}`)}`;
}

function commandSlotText(slot: Extract<SecretUse, { kind: "command" }>["slot"]): string {
  if (slot.kind === "askpass") return `as the answer to its question for a password, at ${code(slot.remote)} only`;
  return slot.kind === "env" ? `in its variable ${code(slot.name)}` : "on its standard input";
}

function releaseSentence({ name, from, select, type, otherwise, perRun, perDay, bits }: ReleaseData): string {
  const source =
    from.kind === "file" ? `the file ${code(from.path)}` : `the answer of ${code(`${from.method} ${from.url}`)}`;
  const path = `$${select.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")}`;
  const day = perDay === null ? "" : `, ${times(perDay)} a day`;
  return `Release ${name}: ${code(path)} of ${source} comes out as ${typeText(type)}, else ${code(otherwise)}; up to ${times(perRun)} a run${day}, ${bitsText(bits)} each.`;
}

function typeText(type: ReleaseType): string {
  switch (type.kind) {
    case "bool":
      return "true or false";
    case "enum":
      return `one of ${listed(type.values)}`;
    case "int":
      return `a whole number from ${type.min} to ${type.max}`;
    case "pattern":
      return `a text like ${code(type.pattern)} of up to ${type.max} characters`;
    case "text":
      return `any text of up to ${type.max} characters`;
  }
}

function capacitySentences(localOnly: LocalOnlyData): readonly string[] {
  const { parts, perRunBits, perDayBits } = capacityOf(localOnly);
  const day =
    perDayBits === null ? "not bounded in a day" : `${bitsText(perDayBits)} a day (of at most ${RUNS_PER_DAY} runs)`;
  const each = parts
    .filter(({ bitsPerRun }) => bitsPerRun > 0)
    .map(({ what, bitsPerRun }) => `${what} ${bitsText(bitsPerRun)}`);
  const detail = each.length === 0 ? "" : `: ${each.join(", ")} a run`;
  const total = `At most ${bitsText(perRunBits)} a run come out this way, ${day}${detail}.`;
  const cap = localOnly.maxReleaseBitsPerDay;
  return cap === null ? [total] : [total, `Releases are bounded at ${cap} bits a day.`];
}

function clockSentence({ profile, settleMs, maxWaits }: LocalOnlyData): string {
  if (profile === "relaxed") return "How long sealed work takes is visible: the profile is relaxed.";
  const ticks = listed(settleMs.map(formatDuration));
  const waits = `a run may wait ${times(maxWaits)} besides its end`;
  return profile === "strict"
    ? `After sealed work, what others see happens exactly ${ticks} later; ${waits}. The profile is strict.`
    : `After sealed work, what others see happens at one of these ticks: ${ticks}; ${waits}.`;
}

function modeSentences({ subprocess }: PolicyData, { mode }: LocalOnlyData): readonly string[] {
  const redact =
    mode === "redact"
      ? [
          "Mode redact: scripts hold the plaintext; common encodings of it are removed from output. Decoding, slicing, comparing, lengths and timing are not stopped.",
        ]
      : [];
  if (subprocess.allowed.length === 0) return redact;
  const jail =
    subprocess.sandbox === "none"
      ? "Commands run without a jail and can read all of the above; the policy accepts this, and nothing here holds for them."
      : "Commands run in a jail, or not at all; public ones do not see what is local-only.";
  return [...redact, jail];
}

function placesText(places: readonly LabelPlace[]): string {
  return listed(
    places.map((place) => {
      if (place.kind === "file") return place.pattern;
      return place.kind === "host" ? hostText(place.pattern) : `${place.kind}:${place.name}`;
    }),
  );
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
const code = (text: string): string => `\`${shown(text)}\``;
const listed = (texts: readonly string[]): string => texts.map(code).join(", ");

/** Rounded up, never down. */
function bitsText(bits: number): string {
  if (!Number.isFinite(bits)) return "any number of bits";
  const rounded = Math.ceil(bits * 10 - 1e-9) / 10;
  return rounded === 1 ? "1 bit" : `${rounded} bits`;
}
