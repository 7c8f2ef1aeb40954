/**
 * How much a policy lets out at most, in bits: releases by their types and numbers, outcomes of uses, and the ticks of the
 * settle clock. Answers that the operator declares public are not counted: they are what a server says, not a measure.
 */
import type { LocalOnlyData, ReleaseData } from "./local-only-data.ts";

export interface CapacityPart {
  readonly what: string;
  /** Infinite where nothing bounds it. */
  readonly bitsPerRun: number;
  /** Null where nothing bounds it. */
  readonly bitsPerDay: number | null;
}

export interface Capacity {
  readonly perRunBits: number;
  readonly perDayBits: number | null;
  readonly parts: readonly CapacityPart[];
}

/** At most 120 runs an hour are taken for a day. */
export const RUNS_PER_DAY = 120 * 24;

export function capacityOf(localOnly: LocalOnlyData): Capacity {
  const parts = [
    ...localOnly.releases.map(releasePart),
    ...localOnly.secrets.flatMap(({ uses }) =>
      uses.flatMap(({ ref, outcomesPerRun }) =>
        outcomesPerRun === null ? [] : [part(`outcomes of \`${ref.id}\``, outcomesPerRun)],
      ),
    ),
    ...timeParts(localOnly),
  ];
  const days = parts.map(({ bitsPerDay }) => bitsPerDay);
  return {
    perRunBits: sum(parts.map(({ bitsPerRun }) => bitsPerRun)),
    perDayBits: days.every((bits) => bits !== null) ? sum(days) : null,
    parts,
  };
}

/** Worst case of all releases in a day, which `max_release_bits_per_day` bounds. */
export const releaseBitsPerDay = ({ releases }: Pick<LocalOnlyData, "releases">): number =>
  sum(releases.map(releasePart).map(({ bitsPerDay }) => bitsPerDay ?? 0));

function releasePart({ ref, bits, perRun, perDay }: ReleaseData): CapacityPart {
  const daily = bits * Math.min(perDay ?? Number.POSITIVE_INFINITY, perRun * RUNS_PER_DAY);
  return { what: `release \`${ref.id}\``, bitsPerRun: bits * Math.min(perRun, perDay ?? perRun), bitsPerDay: daily };
}

function timeParts({ profile, settleMs, maxWaits }: LocalOnlyData): readonly CapacityPart[] {
  if (profile === "relaxed") {
    return [{ what: "time that sealed work takes", bitsPerRun: Number.POSITIVE_INFINITY, bitsPerDay: null }];
  }
  return [part("ticks of the settle clock", (maxWaits + 1) * Math.log2(Math.max(settleMs.length, 1)))];
}

const part = (what: string, bitsPerRun: number): CapacityPart => ({
  what,
  bitsPerRun,
  bitsPerDay: bitsPerRun * RUNS_PER_DAY,
});

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
