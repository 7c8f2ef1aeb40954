/** A project on the disk, policies for it, and a world in which no program and no variable of this machine counts. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { policyWorld } from "@agent-run/effects";
import { loadPolicy, Policy } from "@agent-run/policy";
import { type HostWorld, hostWorld } from "@agent-run/runtime/host-calls";

const made: string[] = [];

export function makeProject(files: readonly string[]): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-hooks-")));
  made.push(root);
  for (const file of files) writeUnder(root, file, "x\n");
  return root;
}

function writeUnder(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

export function removeProjects(): void {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
}

const presets = join(import.meta.dirname, "../../../presets");

export function policyUnder(root: string, text: string): Policy {
  const file = join(root, "agent-run.toml");
  writeFileSync(file, text);
  const loaded = loadPolicy(file, policyWorld(presets));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return Policy.revive(loaded.data);
}

export const sceneWorld = (changes: Partial<HostWorld> = {}): HostWorld => ({
  ...hostWorld(),
  home: "/home/someone",
  environment: { PATH: "/usr/bin:/bin", HOME: "/home/someone" },
  isProgram: () => false,
  findCommands: (policy) => policy,
  ...changes,
});
