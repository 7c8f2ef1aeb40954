/**
 * `--strict`: a policy that does not answer what its own `[[test]]`s say, or of which a `[[never]]` is not proved, does not
 * load. Guards that nothing is set up before both are known; without the option nothing of it is loaded.
 */
import { holdToNevers } from "./nevers-of-policy.ts";
import type { SelectedPolicy } from "./select-policy.ts";
import { holdToTests } from "./tests-of-policy.ts";

export async function holdToItself(policy: SelectedPolicy, { strict }: { strict?: boolean }): Promise<void> {
  if (!strict) return;
  await holdToTests(policy);
  await holdToNevers(policy);
}
