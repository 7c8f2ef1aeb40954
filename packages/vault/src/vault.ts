/** The vault: opened once with the policy and the values of local-only variables, then told what to do, run by run. */
import { createErrands, type Errands, prefetch } from "@agent-run/effects/errands";
import type { FromVault, PolicyData, ToVault, VaultOpen } from "@agent-run/gate";
import { type CompartmentSettings, Compartments } from "./compartment/compartments.ts";
import { VaultRun } from "./vault-run.ts";

export class Vault {
  readonly #open: VaultOpen;
  readonly #say: (message: FromVault) => void;
  readonly #errands: Errands;
  readonly #compartments: Compartments;
  readonly #runs = new Map<string, VaultRun>();
  /** Runs that end: children die, directories go, the log is closed. The process may not end before that. */
  readonly #ending = new Set<Promise<void>>();

  constructor(open: VaultOpen, settings: CompartmentSettings, say: (message: FromVault) => void) {
    this.#open = open;
    this.#say = say;
    this.#errands = createErrands({ listeners: open.listeners, ...(open.ca === null ? {} : { ca: open.ca }) });
    this.#compartments = new Compartments(settings);
    // Once the orders that came with the policy are under way.
    if (sendsRequests(open.policy)) setImmediate(() => void prefetch(["http"]));
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
    if (order.kind === "end") this.#end(order.run);
    else run?.hear(order);
  }

  async close(): Promise<void> {
    for (const run of this.#runs.keys()) this.#end(run);
    await Promise.all([...this.#ending, this.#compartments.close()]);
    await this.#errands.close();
  }

  #end(name: string): void {
    const run = this.#runs.get(name);
    if (run === undefined) return;
    this.#runs.delete(name);
    const ending = run.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

const sendsRequests = ({ rules }: PolicyData): boolean =>
  rules.some(({ match, sealed, use }) => match.kind === "host" && (sealed === true || use !== undefined));
