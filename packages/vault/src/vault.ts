/** The vault: opened once with the policy and the values of local-only variables, then told what to do, run by run. */
import { createErrands, type Errands } from "@agent-run/effects/errands";
import type { FromVault, ToVault, VaultOpen } from "@agent-run/gate";
import { Policy } from "@agent-run/policy";
import { type CompartmentSettings, Compartments } from "./compartment/compartments.ts";
import { VaultRun } from "./vault-run.ts";

export class Vault {
  readonly #open: VaultOpen;
  readonly #say: (message: FromVault) => void;
  readonly #errands: Errands;
  readonly #compartments: Compartments;
  readonly #runs = new Map<string, VaultRun>();

  constructor(open: VaultOpen, settings: CompartmentSettings, say: (message: FromVault) => void) {
    const policy = Policy.revive(open.policy);
    this.#open = open;
    this.#say = say;
    this.#errands = createErrands({
      decide: (target) => policy.decideTarget(target),
      ...(open.ca === null ? {} : { ca: open.ca }),
    });
    this.#compartments = new Compartments(settings);
  }

  hear(order: ToVault): void {
    const { localOnly } = this.#open.policy;
    if (order.kind === "open" || localOnly === null) return;
    if (order.kind === "run") {
      const ports = {
        open: this.#open,
        localOnly,
        errands: this.#errands,
        compartments: this.#compartments,
        say: this.#say,
      };
      const run = new VaultRun(ports, order);
      run.makeBases();
      this.#runs.set(order.run, run);
      return;
    }
    const run = this.#runs.get(order.run);
    if (order.kind !== "end") run?.hear(order);
    else {
      this.#runs.delete(order.run);
      void run?.end();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.end()));
    await this.#errands.close();
    await this.#compartments.close();
  }
}
