/** The latest runs of the server, for its resources: as their clients were told of them, and where the record is. */
import type { RunReport } from "@agent-run/runtime";
import { type Bounded, bounded } from "./bounds.ts";

export interface RecentRun {
  readonly report: Bounded;
  /** File of the operator's record; never told. */
  readonly record: string | null;
}

const MOST_RUNS = 100;
/** Characters that the reports may take together; one has up to two million. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

export class RecentRuns {
  readonly #runs = new Map<string, { readonly run: RecentRun; readonly characters: number }>();
  #characters = 0;

  /** Gives what a client may be told of it. */
  keep(report: RunReport): Bounded {
    const shown = bounded(report);
    const characters = JSON.stringify(shown).length;
    this.#runs.set(report.run, { run: { report: shown, record: report.record }, characters });
    this.#characters += characters;
    for (const [oldest, kept] of this.#runs) {
      if (this.#runs.size <= MOST_RUNS && this.#characters <= MOST_CHARACTERS) break;
      this.#runs.delete(oldest);
      this.#characters -= kept.characters;
    }
    return shown;
  }

  find(run: string): RecentRun | undefined {
    return this.#runs.get(run)?.run;
  }

  /** Latest first. */
  list(): readonly RecentRun[] {
    return [...this.#runs.values()].map(({ run }) => run).reverse();
  }
}
