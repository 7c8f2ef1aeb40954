/** The vault of a runtime: its process, started only where a policy declares something local-only, and its runs. */
import { join } from "node:path";
import type { LocalOnlyData, PolicyData } from "@agent-run/gate";
import { NoStateDirectory, stateDirectory } from "../places.ts";
import type { HostFacts, StartRun } from "../protocol.ts";
import { DayBudget } from "./day-budget.ts";
import { RunVault } from "./run-vault.ts";
import { VaultProcess } from "./vault-process.ts";

/** Above the time that a request may take by the policy: connecting to the vault, filling the slot. */
const SLACK_MS = 5_000;

export class Vault {
  readonly #process: VaultProcess;
  readonly #localOnly: LocalOnlyData;
  readonly #budget: DayBudget;
  readonly #patienceMs: number;
  readonly #state: string | null;

  /** `plaintext`: values of local-only variables. Null: nothing is local-only, or nothing is sealed. */
  static start(
    policy: PolicyData,
    { home, protectedPaths, environment }: HostFacts,
    plaintext: Readonly<Record<string, string>>,
    ca: string | undefined,
  ): Vault | null {
    if (policy.localOnly?.mode !== "sealed") return null;
    const open = { kind: "open", policy, home, protectedPaths, environment, plaintext, ca: ca ?? null } as const;
    return new Vault(new VaultProcess(open), policy, policy.localOnly);
  }

  private constructor(process: VaultProcess, policy: PolicyData, localOnly: LocalOnlyData) {
    this.#process = process;
    this.#localOnly = localOnly;
    this.#state = ownState();
    this.#budget = new DayBudget(this.#state, policy.hash);
    const { network, subprocess } = policy;
    this.#patienceMs = 1000 * Math.max(network.timeoutSeconds, subprocess.timeoutSeconds) + SLACK_MS;
  }

  begin({ run, startMs }: StartRun): RunVault {
    const vault = new RunVault(this.#process, this.#localOnly, run, this.#budget, this.#patienceMs);
    vault.begin(this.#state === null ? null : join(this.#state, "sealed", `${run}.jsonl`), startMs);
    return vault;
  }

  async close(): Promise<void> {
    await this.#process.close();
  }
}

/** Where the operator's log of sealed work and the counts of releases are kept; null where a user has no place for them. */
function ownState(): string | null {
  try {
    return stateDirectory();
  } catch (error) {
    if (error instanceof NoStateDirectory) return null;
    throw error;
  }
}
