/** Processes below another, as /proc shows them. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export function processesBelow(root: number): readonly number[] {
  const parents = new Map(
    readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0)
      .map((pid) => [pid, parentOf(pid)]),
  );
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === root || (parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** Those that hold plaintext. */
export const vaultsBelow = (root: number): readonly number[] =>
  processesBelow(root).filter((pid) => /\/vault[\w-]*\.cjs/.test(procFile(pid, "cmdline")));

export async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => !/^(|Z)$/.test(stateOf(pid)))) await sleep(20);
}

/** Empty where there is no such process. */
export function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}

const stateOf = (pid: number): string => /\) (\S)/.exec(procFile(pid, "stat"))?.[1] ?? "";

const parentOf = (pid: number): number => Number(/\) \S (\d+)/.exec(procFile(pid, "stat"))?.[1] ?? 0);
