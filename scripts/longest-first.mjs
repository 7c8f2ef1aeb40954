/**
 * The order of the test files: the longest first, so that the last to end is a short one. Files with a process of their
 * own come before those that share theirs, as a change from one to the other ends the shared processes.
 */
import { statSync } from "node:fs";
import { BaseSequencer } from "vitest/node";

/** What takes longest, in this order; all others by size. A new file that takes more than ten seconds belongs here. */
const LONGEST = [
  "conformance/src/attacks",
  "runtime/src/runtime",
  "conformance/src/prompt",
  "conformance/src/mcp-crowd",
  "vm/src/hostile-worker",
  "conformance/src/command",
  "conformance/src/types",
  "runtime/src/own-capabilities",
  "conformance/src/mcp-asking",
  "conformance/src/mcp-life",
  "conformance/src/mcp-http",
  "conformance/src/resume",
  "conformance/src/hook",
  "conformance/src/mcp-reentry",
  "conformance/src/exfiltration",
  "conformance/src/sealed-channels",
  "conformance/src/local-only-time",
  "conformance/src/sealed-scripts",
  "conformance/src/mcp-wire",
  "conformance/src/local-only-release",
  "conformance/src/local-only-broker",
  "conformance/src/mcp",
  "vault/src/command/askpass",
  "effects/src/subprocess/git/guard",
  "effects/src/fs/race",
  "conformance/src/learning",
  "conformance/src/budgets",
  "conformance/src/hosts",
  "hooks/src/setup/round-trip",
  "conformance/src/ceilings",
  "conformance/src/policy-test",
  "conformance/src/policy-convert",
  "conformance/src/heap",
  "runtime/src/vault/diode",
  "conformance/src/exfiltration-harness",
  "conformance/src/local-only-docs",
  "vault/src/compartment/hostile",
  "runtime/src/guest/guest-machine",
  "runtime/src/vault/vault-process",
  "authoring/src/analysis/line-bounds",
  "authoring/src/analysis/exact-claims",
  "authoring/src/analysis/possible",
  "policy/src/rules",
  "policy/src/layers-property",
  "policy/src/hostile",
].map((name) => `/packages/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  /** @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    const keys = new Map(files.map((file) => [file, keyOf(file)]));
    const compare = (one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      return a.shares - b.shares || a.rank - b.rank || b.bytes - a.bytes;
    };
    return [...files].sort(compare);
  }
}

function keyOf({ moduleId, project }) {
  const rank = LONGEST.findIndex((end) => moduleId.endsWith(end));
  return {
    shares: project.config.isolate ? 0 : 1,
    rank: rank === -1 ? LONGEST.length : rank,
    bytes: statSync(moduleId).size,
  };
}
