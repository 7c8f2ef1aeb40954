/**
 * What sealed work of this run may have written. A file that a script had written is no source of a release any more: what
 * would come out is what the script put there, a piece of any value.
 */
import type { CanonicalRequest } from "@agent-run/policy";

export class SealedWrites {
  readonly #paths = new Set<string>();
  #isAnywhere = false;

  /** A sealed operation. A command may write wherever sealed data may be written. */
  ordered({ targets }: CanonicalRequest): void {
    for (const { role, value } of targets) {
      if (role === "execute") this.#isAnywhere = true;
      else if (role === "write") this.#paths.add(value);
    }
  }

  /** A private block: what it does is not known here. */
  orderedAnywhere(): void {
    this.#isAnywhere = true;
  }

  /** A directory that was copied to counts for what lies below it. */
  mayHaveReached(path: string): boolean {
    if (this.#isAnywhere) return true;
    return [...this.#paths].some((written) => path === written || path.startsWith(`${written}/`));
  }
}
