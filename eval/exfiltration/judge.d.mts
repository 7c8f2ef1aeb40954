import type { Technique, Via } from "./techniques/index.mjs";
import type { World } from "./world.mjs";

export interface Difference {
  readonly section: string;
  /** Name of the secret with which it is not as with the first. */
  readonly secret: string;
}

export interface Verdict {
  readonly verdict: "identical" | "LEAK" | "NOISE" | "UNEXPECTED";
  /** What stopped the first run: a code, an error's name, `value`. */
  readonly ending: string;
  readonly problem?: string;
  readonly difference?: Difference;
  readonly unsteady: boolean;
}

export function judge(
  world: World,
  technique: Technique,
  options: {
    readonly via: Via;
    readonly mode?: "sealed" | "redact" | "open";
    /** What Node runs, with words before those of the real command. */
    readonly command?: readonly string[];
    readonly retries?: number;
    /** The first so many secrets only. */
    readonly count?: number;
    /** Compares what is unexpected, too. */
    readonly thorough?: boolean;
  },
): Promise<Verdict>;
