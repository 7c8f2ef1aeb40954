/**
 * Finishes the segment of a run whose worker was killed: the torn line is kept aside, calls without an outcome are
 * named as in doubt, and the end is appended, so that the file reads as what it is: a run that was stopped.
 */
import type { JsonObject } from "@agent-run/gate";
import type { StoredRecord } from "./record.ts";
import { Segment, type SegmentClock } from "./segment.ts";
import { keepResidue, readSegmentFile, reopenSegmentFile } from "./storage.ts";
import { walkSegment } from "./verify.ts";

export interface Recovery {
  /** False: the file is missing, altered or unwritable; it was left as it is. */
  readonly ok: boolean;
  readonly stored: readonly StoredRecord[];
}

export function recoverSegment(path: string, clock: SegmentClock, end: JsonObject): Recovery {
  try {
    const bytes = readSegmentFile(path);
    const walk = walkSegment(bytes);
    const { stored } = walk;
    const [first] = stored;
    if (first === undefined || walk.state === "broken") return { ok: false, stored };
    if (walk.state === "complete" && walk.residueBytes === 0) return { ok: true, stored };
    if (walk.residueBytes > 0) keepResidue(path, bytes.subarray(walk.wholeBytes));
    const storage = reopenSegmentFile(path, walk.wholeBytes);
    if (walk.state === "complete") {
      storage.close();
      return { ok: true, stored };
    }
    const segment = new Segment(first.run, storage, clock, walk.chainEnd);
    segment.resumeCounts(count(stored, "intent"), count(stored, "outcome"));
    segment.append("recovered", { residue_bytes: walk.residueBytes, in_doubt: walk.inDoubt });
    return { ok: segment.end(end), stored };
  } catch {
    return { ok: false, stored: [] };
  }
}

const count = (stored: readonly StoredRecord[], kind: string): number =>
  stored.filter((record) => record.kind === kind).length;
