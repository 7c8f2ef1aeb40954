/**
 * What a policy may say only if every ceiling says the same: no jail, redaction in place of sealing, time that is not
 * bounded, secrets and where they go, releases. None of these is the answer to a call that the stricter layer could
 * give, so each is refused at load, at its line in the main policy, unless each ceiling's own text has it (DEFAULT-NO).
 */
import { canonicalJson, type Json } from "./json.ts";
import type { KeyPath } from "./keys.ts";
import { ceilingName } from "./layers.ts";
import type { ReleaseData, ReleaseType, SecretData, SecretUse } from "./local-only-data.ts";
import type { PolicyData } from "./policy-data.ts";
import { shown } from "./spelling.ts";
import type { PolicyPlace, PolicyProblem } from "./world.ts";

/** Where the main policy says it. */
export interface ConsentPlaces {
  scalar(key: KeyPath): PolicyPlace;
  secret(secret: SecretData, use?: number): PolicyPlace;
  release(release: ReleaseData): PolicyPlace;
}

/** `main` as it was before it was narrowed. */
export function missingConsents(
  main: PolicyData,
  ceilings: readonly PolicyData[],
  places: ConsentPlaces,
): readonly PolicyProblem[] {
  return ceilings.flatMap((ceiling) => [
    ...missingWords(main, ceiling, places),
    ...missingSecrets(main, ceiling, places),
    ...missingReleases(main, ceiling, places),
  ]);
}

interface Word {
  readonly key: KeyPath;
  readonly line: string;
  readonly isSaid: (data: PolicyData) => boolean;
}

const WORDS: readonly Word[] = [
  { key: "subprocess.sandbox", line: 'sandbox = "none"', isSaid: ({ subprocess }) => subprocess.sandbox === "none" },
  {
    key: "subprocess.accept_unsandboxed_commands",
    line: "accept_unsandboxed_commands = true",
    isSaid: ({ subprocess }) => subprocess.acceptUnsandboxed,
  },
  { key: "local_only.mode", line: 'mode = "redact"', isSaid: ({ localOnly }) => localOnly?.mode === "redact" },
  {
    key: "local_only.profile",
    line: 'profile = "relaxed"',
    isSaid: ({ localOnly }) => localOnly?.profile === "relaxed",
  },
];

function missingWords(main: PolicyData, ceiling: PolicyData, places: ConsentPlaces): readonly PolicyProblem[] {
  return WORDS.filter(({ isSaid }) => isSaid(main) && !isSaid(ceiling)).map(({ key, line }) => ({
    ...places.scalar(key),
    message: `\`${line}\` needs the same line in ${nameOf(ceiling)}`,
    hint: "remove it, or ask who keeps the ceiling",
  }));
}

function missingSecrets(main: PolicyData, ceiling: PolicyData, places: ConsentPlaces): readonly PolicyProblem[] {
  const known = ceiling.localOnly?.secrets ?? [];
  return (main.localOnly?.secrets ?? []).flatMap((secret): readonly PolicyProblem[] => {
    const agreed = known.find(({ name }) => name === secret.name);
    const name = shown(secret.name);
    if (agreed === undefined)
      return [{ ...places.secret(secret), message: `there is no secret \`${name}\` in ${nameOf(ceiling)}`, hint: ASK }];
    if (!isSame(agreed.source, secret.source)) {
      const message = `the secret \`${name}\` comes from elsewhere in ${nameOf(ceiling)}`;
      return [{ ...places.secret(secret), message, hint: "take it from the same source" }];
    }
    const data = secret.data && !agreed.data ? [dataProblem(secret, ceiling, places)] : [];
    return [...data, ...missingUses(secret, agreed, ceiling, places)];
  });
}

const ASK = "remove it, or ask who keeps the ceiling to declare it there, too";

const dataProblem = (secret: SecretData, ceiling: PolicyData, places: ConsentPlaces): PolicyProblem => ({
  ...places.secret(secret),
  message: `the secret \`${shown(secret.name)}\` has no \`data = true\` in ${nameOf(ceiling)}`,
  hint: "remove `data = true`, so that it can be used and not opened",
});

function missingUses(
  secret: SecretData,
  agreed: SecretData,
  ceiling: PolicyData,
  places: ConsentPlaces,
): readonly PolicyProblem[] {
  return secret.uses.flatMap((use, index) => {
    if (agreed.uses.some((one) => coversUse(one, use))) return [];
    const message = `no use of the secret \`${shown(secret.name)}\` in ${nameOf(ceiling)} is as wide as this one`;
    const hint =
      "where it may go is the same or narrower: hosts, methods, paths, slot, format, response and outcomes, or the words of the command";
    return [{ ...places.secret(secret, index), message, hint }];
  });
}

function coversUse(wide: SecretUse, use: SecretUse): boolean {
  const isTold = use.outcome && (!wide.outcome || most(use.outcomesPerRun) > most(wide.outcomesPerRun));
  if (isTold || wide.response !== use.response || !isSame(wide.slot, use.slot)) return false;
  if (use.kind === "command") return wide.kind === "command" && isSame(wide.argv, use.argv);
  return (
    wide.kind === "request" &&
    isSame(wide.format, use.format) &&
    use.methods.every((method) => wide.methods.includes(method)) &&
    use.hosts.every((host) => wide.hosts.some((one) => isSame(one, host)))
  );
}

function missingReleases(main: PolicyData, ceiling: PolicyData, places: ConsentPlaces): readonly PolicyProblem[] {
  const releases = main.localOnly?.releases ?? [];
  const known = ceiling.localOnly?.releases ?? [];
  // So they can not say more in a day than the ceiling's own, which its `max_release_bits_per_day` was held against.
  return releases.flatMap((release): readonly PolicyProblem[] => {
    const agreed = known.find(({ name }) => name === release.name);
    const name = shown(release.name);
    if (agreed === undefined)
      return [
        { ...places.release(release), message: `there is no release \`${name}\` in ${nameOf(ceiling)}`, hint: ASK },
      ];
    if (coversRelease(agreed, release)) return [];
    const message = `the release \`${name}\` says more than the one in ${nameOf(ceiling)}`;
    const hint = "same source and `select`, a type as narrow, and no more of them a run and a day";
    return [{ ...places.release(release), message, hint }];
  });
}

const coversRelease = (wide: ReleaseData, release: ReleaseData): boolean =>
  isSame(wide.from, release.from) &&
  isSame(wide.select, release.select) &&
  coversType(wide.type, release.type) &&
  release.bits <= wide.bits &&
  release.perRun <= wide.perRun &&
  most(release.perDay) <= most(wide.perDay);

function coversType(wide: ReleaseType, type: ReleaseType): boolean {
  if (wide.kind === "enum" && type.kind === "enum") return type.values.every((value) => wide.values.includes(value));
  if (wide.kind === "int" && type.kind === "int") return wide.min <= type.min && type.max <= wide.max;
  if (wide.kind === "text" && type.kind === "text") return type.max <= wide.max;
  if (wide.kind === "pattern" && type.kind === "pattern") return wide.pattern === type.pattern && type.max <= wide.max;
  return wide.kind === "bool" && type.kind === "bool";
}

/** Null: any number. */
const most = (count: number | null): number => count ?? Number.POSITIVE_INFINITY;

const isSame = (one: object, other: object): boolean =>
  canonicalJson(one as unknown as Json) === canonicalJson(other as unknown as Json);

const nameOf = (ceiling: PolicyData): string => `the ceiling \`${shown(ceilingName(ceiling))}\``;
