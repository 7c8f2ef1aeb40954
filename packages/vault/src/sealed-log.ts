/**
 * The operator's log of sealed work: a chain of its own, readable by its owner only, outside every tree that a rule can
 * open. It holds status, sizes and failures, which the agent's record must not (two logs, not one redacted log).
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createSegmentFile, Segment } from "@agent-run/audit";
import type { Recorder } from "@agent-run/gate";
import { logged } from "./logged-request.ts";

export class SealedLog implements Recorder {
  readonly #segment: Segment | null;
  /** There should be a log and there is none: nothing may happen then (DEFAULT-NO). */
  readonly #isLost: boolean;

  /** `path` null: the user has no place for it; the public record tells what was ordered. */
  constructor(path: string | null, run: string, policyHash: string) {
    this.#segment = path === null ? null : opened(path, run, policyHash);
    this.#isLost = path !== null && this.#segment === null;
  }

  readonly intent: Recorder["intent"] = (entry, durable) => this.#written((log) => log.intent(logged(entry), durable));
  readonly approval: Recorder["approval"] = (entry) => this.#written((log) => log.approval(entry));
  readonly outcome: Recorder["outcome"] = (entry) => this.#written((log) => log.outcome(entry));

  #written(write: (log: Segment) => boolean): boolean {
    return this.#segment === null ? !this.#isLost : write(this.#segment);
  }

  /** Why sealed work came to nothing. */
  failed(order: string, why: string): void {
    this.#segment?.append("output", { order, why: why.slice(0, MAX_WHY) });
  }

  end(): void {
    this.#segment?.end({});
  }
}

const MAX_WHY = 1000;

function opened(path: string, run: string, policyHash: string): Segment | null {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const segment = new Segment(run, createSegmentFile(path), { now: () => Date.now() });
    if (segment.start({ policy: policyHash, sealed: true })) return segment;
    segment.close();
    return null;
  } catch {
    return null;
  }
}
