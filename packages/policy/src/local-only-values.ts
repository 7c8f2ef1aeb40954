/**
 * What a merged layer says about local-only values, as data and as banners; null where nothing is local-only. Of a ceiling
 * it is there in any case: it bounds what other policies say, whether or not anything is local-only in its own.
 */
import type { LayerValues } from "./assemble.ts";
import { KEYS, type KeySpec } from "./keys.ts";
import type { LocalOnlyData } from "./local-only-data.ts";
import type { Layer } from "./merge.ts";

const TICKS = { default: [1000, 10_000, 120_000], strict: [30_000], relaxed: [] } as const;

export function localOnlyOf(layer: Layer, values: LayerValues, isCeiling: boolean): LocalOnlyData | null {
  const { secrets, releases, labels } = layer.tables;
  if (!isCeiling && !declaresLocalOnly(layer)) return null;
  const profile = readProfile(values.text("local_only.profile"));
  const settle = values.value("local_only.settle");
  const cap = values.value("local_only.max_release_bits_per_day");
  return {
    mode: values.text("local_only.mode") === "redact" ? "redact" : "sealed",
    profile,
    settleMs: Array.isArray(settle) ? settle.map(Number) : TICKS[profile],
    maxWaits: values.number("local_only.max_waits"),
    compute: {
      fuel: values.number("local_only.compute.fuel"),
      wallMs: values.number("local_only.compute.wall"),
      memoryBytes: values.number("local_only.compute.memory"),
      outputBytes: values.number("local_only.compute.output"),
    },
    maxReleaseBitsPerDay: typeof cap === "number" ? cap : null,
    secrets: secrets.map(({ data }) => data),
    releases: releases.map(({ data }) => data),
    labels: labels.map(({ data }) => data),
  };
}

export const declaresLocalOnly = ({ entries, tables: { secrets, releases, labels } }: Layer): boolean =>
  entries.some(({ key }) => isSealedKey(KEYS[key])) || secrets.length + releases.length + labels.length > 0;

const isSealedKey = (spec: KeySpec): boolean => spec.type === "list" && spec.rule?.sealed === true;

/** An unknown value can not come out of the reader; if it did, nothing is relaxed. */
const readProfile = (text: string | null): LocalOnlyData["profile"] =>
  text === "relaxed" || text === "default" ? text : "strict";

/** What the operator gave up, told before every run. */
export function localOnlyBanners(localOnly: LocalOnlyData | null): readonly string[] {
  if (localOnly === null) return [];
  const banners: string[] = [];
  if (localOnly.mode === "redact") {
    banners.push(
      "local-only values are redacted, not sealed: scripts hold them in plain text, and whole values in common encodings are " +
        "scrubbed from what a script prints, returns and throws; this does not stop parts of a value, comparisons, guesses, " +
        "lengths, other encodings, exit codes, timing, what public hosts, files and commands are given, nor values of fewer " +
        'than 4 characters: `[local_only] mode = "redact"`',
    );
  }
  if (localOnly.profile === "relaxed") {
    banners.push(
      'how long work on local-only values takes is visible, and can tell any number of bits: `[local_only] profile = "relaxed"`',
    );
  }
  return banners;
}
