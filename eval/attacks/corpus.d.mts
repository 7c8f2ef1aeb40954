import type { createRuntime, loadPolicy, RunReport } from "@agent-run/runtime";

export interface Attack {
  /** Family and file: `hang/for-ever`. */
  readonly name: string;
  readonly family: string;
  readonly script: string;
  /** What it must end with; alternatives separated by `|`. */
  readonly expect: string;
}

export interface Host {
  attack(attack: Attack): Promise<{ readonly ms: number; readonly report: RunReport; readonly problem: string | null }>;
  close(): Promise<void>;
}

export const GRACE_MS: number;
export function limitOf(attack: Pick<Attack, "family" | "expect">): number;
export function attacks(): Attack[];
export function makeHost(library: {
  createRuntime: typeof createRuntime;
  loadPolicy: typeof loadPolicy;
}): Promise<Host>;
