/**
 * Finishes the segment of a run whose worker was killed: the torn line is kept aside, lines that the worker held back are
 * put in, calls without an outcome are named as in doubt, and the end is appended, so that the file reads as what it is: a
 * run that was stopped.
 */
import type { JsonObject } from "@agent-run/gate";
import type { StoredRecord } from "./record.ts";
import { Segment, type SegmentClock } from "./segment.ts";
import { keepResidue, readSegmentFile, reopenSegmentFile, type SegmentStorage } from "./storage.ts";
import { walkSegment } from "./verify.ts";

export interface Recovery {
  /** False: the file is missing or altered, and was left as it is, or it could not be written. */
  readonly ok: boolean;
  readonly stored: readonly StoredRecord[];
}

/** `held`: lines that the worker had not written yet; those that the file has already are left out. */
export function recoverSegment(path: string, clock: SegmentClock, end: JsonObject, held = ""): Recovery {
  let known: readonly StoredRecord[] = [];
  try {
    const bytes = readSegmentFile(path);
    const found = walkSegment(bytes);
    known = found.stored;
    if (found.stored[0] === undefined || found.state === "broken") return { ok: false, stored: found.stored };
    if (found.state === "complete" && found.residueBytes === 0) return { ok: true, stored: found.stored };
    const missing = found.state === "complete" ? "" : linesAfter(found.chainEnd.seq, held);
    const walk = walkSegment(Buffer.concat([bytes.subarray(0, found.wholeBytes), Buffer.from(missing)]));
    const { stored } = walk;
    if (walk.state === "broken") return { ok: false, stored: found.stored };
    if (found.residueBytes > 0) keepResidue(path, bytes.subarray(found.wholeBytes));
    const storage = reopenSegmentFile(path, found.wholeBytes);
    if (found.state === "complete") {
      storage.close();
      return { ok: true, stored };
    }
    appendOrClose(storage, missing);
    const segment = new Segment(found.stored[0].run, storage, clock, { end: walk.chainEnd });
    segment.resumeCounts(count(stored, "intent"), count(stored, "outcome"));
    segment.append("recovered", { residue_bytes: found.residueBytes, in_doubt: walk.inDoubt });
    return { ok: segment.end(end), stored };
  } catch {
    return { ok: false, stored: known };
  }
}

function appendOrClose(storage: SegmentStorage, text: string): void {
  try {
    storage.append(text);
  } catch (error) {
    storage.close();
    throw error;
  }
}

const linesAfter = (seq: number, held: string): string =>
  held
    .split(/(?<=\n)/)
    .filter((line) => line !== "" && (JSON.parse(line) as StoredRecord).seq >= seq)
    .join("");

const count = (stored: readonly StoredRecord[], kind: string): number =>
  stored.filter((record) => record.kind === kind).length;
