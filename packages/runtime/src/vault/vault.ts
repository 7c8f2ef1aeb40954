/** The vault of a runtime: its processes, started only where a policy declares something local-only, and its runs. */
import { join } from "node:path";
import type { LocalOnlyData, PolicyData } from "@agent-run/gate";
import { NoStateDirectory, stateDirectory } from "../places.ts";
import type { HostFacts, StartRun } from "../protocol.ts";
import { DayBudget } from "./day-budget.ts";
import { RunVault, type VaultProcesses } from "./run-vault.ts";
import { VaultProcess } from "./vault-process.ts";

/** Above the time that a request may take by the policy: connecting to the vault, filling the slot. */
const SLACK_MS = 5_000;

export class Vault {
  readonly #processes: VaultProcesses;
  readonly #localOnly: LocalOnlyData;
  readonly #budget: DayBudget;
  readonly #patienceMs: number;
  readonly #state: string | null;

  /** `plaintext`: values of local-only variables. Null: nothing is local-only, or nothing is sealed. */
  static start(
    policy: PolicyData,
    { home, protectedPaths, environment, listeners }: HostFacts,
    plaintext: Readonly<Record<string, string>>,
    ca: string | undefined,
  ): Vault | null {
    if (policy.localOnly?.mode !== "sealed") return null;
    const facts = { home, protectedPaths, environment, listeners };
    const open = { kind: "open", policy, ...facts, plaintext, ca: ca ?? null } as const;
    const data = new VaultProcess(open);
    const told = needsTwo(policy, policy.localOnly) ? new VaultProcess(open) : data;
    return new Vault({ data, told }, policy, policy.localOnly);
  }

  private constructor(processes: VaultProcesses, policy: PolicyData, localOnly: LocalOnlyData) {
    this.#processes = processes;
    this.#localOnly = localOnly;
    this.#state = ownState();
    this.#budget = new DayBudget(this.#state, policy.hash);
    const { network, subprocess } = policy;
    this.#patienceMs = 1000 * Math.max(network.timeoutSeconds, subprocess.timeoutSeconds) + SLACK_MS;
  }

  begin({ run, startMs, actor }: StartRun): RunVault {
    const vault = new RunVault(this.#processes, this.#localOnly, run, this.#budget, this.#patienceMs);
    const log = (name: string) => (this.#state === null ? null : join(this.#state, "sealed", `${name}.jsonl`));
    vault.begin({ data: log(run), told: log(`${run}-told`) }, { startMs, actor });
    return vault;
  }

  async close(): Promise<void> {
    const { data, told } = this.#processes;
    await Promise.all([...new Set([data, told])].map((process) => process.close()));
  }
}

/** Both kinds of work: answers that are told in the open, and data that a script may compute on. */
function needsTwo({ rules }: PolicyData, { secrets }: LocalOnlyData): boolean {
  const uses = secrets.flatMap((secret) => secret.uses);
  const hasData =
    rules.some(({ sealed }) => sealed === true) ||
    secrets.some(({ data }) => data) ||
    uses.some(({ response }) => response === "sealed");
  return hasData && uses.some(({ response }) => response === "public");
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
