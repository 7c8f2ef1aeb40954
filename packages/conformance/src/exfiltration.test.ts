/**
 * A dozen techniques of eval/exfiltration, one of each kind, through the built command: what can be seen does not depend
 * on the secret. All of them, with all secrets: `npm run eval:exfiltration`.
 */
import { describe, expect, test, vi } from "vitest";
import { judge } from "../../../eval/exfiltration/judge.mjs";
import { techniques } from "../../../eval/exfiltration/techniques/index.mjs";
import { World } from "../../../eval/exfiltration/world.mjs";
import { lanes } from "./lanes.fixture.ts";

/** The machine may be busy, and what differs is looked at again. */
vi.setConfig({ testTimeout: 120_000 });

/** The technique, and what it must end with: an attempt that did not get that far proves nothing. */
const KINDS = [
  ["raw-print", "value"],
  ["fs-write-to-disk", "E_SINK"],
  ["broken-argv", "E_TOKEN_BROKEN"],
  ["throws-on-a-bit", "value"],
  ["use-only", "E_USE_ONLY"],
  ["block-sends-publicly", "value"],
  ["read-json", "value"],
  ["race", "value"],
  ["waits-used-up", "E_WAITS"],
  ["local-echo", "E_SINK"],
  ["derived-credential", "E_NOT_ORIGINAL"],
  ["release-walk", "E_RELEASE"],
  ["record-fields", "value"],
  ["print-a-dictionary", "value"],
] as const;

/** Runs wait for their ticks; two at the same time leave each what it needs of the machine. */
const worlds = lanes(2, () => new World().start());

describe.concurrent("is the same for two secrets that differ in everything", () => {
  for (const [id, ending] of KINDS) {
    const technique = techniques().find((one) => one.id === id);
    test(`${id}: ${technique?.title}`, async () => {
      if (technique === undefined) throw new Error(`there is no technique ${id}`);
      const { unsteady, ...outcome } = await worlds.with((world) => judge(world, technique, { via: "cli", count: 2 }));
      expect(outcome).toEqual({ verdict: "identical", ending });
    });
  }
});
