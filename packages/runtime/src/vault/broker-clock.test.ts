import { getEventListeners } from "node:events";
import type { Errand, FromVault, LocalOnlyData } from "@agent-run/gate";
import { expect, test } from "vitest";
import type { DayBudget } from "./day-budget.ts";
import { RunVault } from "./run-vault.ts";
import type { VaultProcess } from "./vault-process.ts";

const answer: FromVault = { kind: "brokered", run: "r", id: 1, answer: { ok: true, value: "told" } };
const errand = { kind: "broker", secret: "key", use: 0, work: { kind: "command", args: [] }, handle: null } as const;
const broker: Extract<Errand, { kind: "broker" }> = errand;

/** A vault that says this to every order; one that is gone says null. */
function vaultSaying(message: Promise<FromVault | null>, patienceMs: number): RunVault {
  const process = { tell: () => undefined, ask: () => message } as unknown as VaultProcess;
  return new RunVault({ data: process, told: process }, {} as LocalOnlyData, "r", {} as DayBudget, patienceMs);
}

const never = new Promise<null>(() => undefined);

test("the clock of a brokered answer ends with the answer", async () => {
  const { signal } = new AbortController();
  const told = await vaultSaying(Promise.resolve(answer), 60_000).perform(broker, signal);
  expect(told).toEqual({ ok: true, value: { value: "told" } });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test.each([
  ["is gone", Promise.resolve(null)],
  ["does not answer", never],
])("a vault that %s looks like an answer that is late", async (_, message) => {
  const { signal } = new AbortController();
  expect(await vaultSaying(message, 1).perform(broker, signal)).toMatchObject({ failure: { code: "E_TIMEOUT" } });
});

test("a run that ends waits for no answer", async () => {
  const run = new AbortController();
  const told = vaultSaying(never, 60_000).perform(broker, run.signal);
  run.abort();
  expect(await told).toMatchObject({ failure: { code: "E_INTERRUPTED" } });
  expect(await vaultSaying(never, 60_000).perform(broker, run.signal)).toMatchObject({ ok: false });
});
