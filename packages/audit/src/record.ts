import type { Json } from "@agent-run/gate";

/** Kinds of records of a segment, in the order in which they can appear. */
export const RECORD_KINDS = [
  "run.start",
  "verify",
  "intent",
  "approval",
  "repeated",
  "outcome",
  "output",
  "release",
  "recovered",
  "run.end",
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** What every record has; the rest depends on its kind. */
export interface RecordHead {
  readonly v: 1;
  /** Position in the segment, from 0. */
  readonly seq: number;
  /** UTC, milliseconds: `2026-01-31T12:00:00.000Z`. */
  readonly ts: string;
  /** ULID of the run; also the file's name. */
  readonly run: string;
  readonly kind: RecordKind;
  /** Link to the line before. */
  readonly prev: string;
}

export type StoredRecord = RecordHead & { readonly [key: string]: Json };
