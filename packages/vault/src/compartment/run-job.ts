/**
 * One job in its thread: source and values into a machine whose memory was put back, the result or the reason out. A
 * compartment's machine has a host that answers no call: whatever the function finds in the VM, it leads nowhere.
 */
import type { Json } from "@agent-run/gate";
import {
  functionCode,
  MAX_DEPTH,
  type Machine,
  type MachinePorts,
  nestsDeeper,
  type RunEnd,
  WEIGHT_FACTOR,
  weight,
} from "@agent-run/vm";
import { BlockCalls, NO_EFFECTS } from "./block-calls.ts";
import { Fuel } from "./fuel.ts";
import type { FromThread, JobMessage, ThreadSettings } from "./protocol.ts";

type Answer = Extract<FromThread, { kind: "value" | "failure" }>;
type Values = { readonly inputs: readonly ([Json] | [])[]; readonly args: readonly Json[] };

export function runJob(machine: Pick<Machine, "run">, job: JobMessage, settings: ThreadSettings): Answer {
  const code = functionCode(job.source);
  if (code === null) return failure("the source is not one function expression");
  if (weight(job.values) > WEIGHT_FACTOR * settings.memoryBytes) return failure("the inputs are too large");
  if (nestsDeeper(job.values, MAX_DEPTH)) return failure("the inputs are nested too deeply");
  const values = JSON.parse(job.values) as Values;
  const fuel = new Fuel(job.fuel);
  const setup = { args: [], input: null, seed: 0, startMs: job.startMs };
  const compartment = { effects: job.maxCalls !== null, ...values };
  const end = machine.run({ code, name: "compartment" }, { ...setup, compartment }, portsOf(job, settings, fuel));
  return answerOf(end, job, fuel);
}

function portsOf({ maxCalls }: JobMessage, { port, signal }: ThreadSettings, fuel: Fuel): MachinePorts {
  if (maxCalls === null) return { call: () => NO_EFFECTS, nextSettlement: () => null, stop: () => fuel.poll() };
  const calls = new BlockCalls(port, signal, maxCalls);
  return {
    call: (text) => calls.call(text),
    nextSettlement: () => calls.nextSettlement(),
    stop: () => calls.stop() ?? fuel.poll(),
  };
}

function answerOf(end: RunEnd, { fuel, outputBytes }: JobMessage, { isSpent }: Fuel): Answer {
  if (end.kind === "fatal") {
    return failure(isSpent ? `it used up its fuel (${fuel})` : `it was ended: ${end.code}`, end.reusable);
  }
  if (end.kind === "error") return failure(`${end.error.name}: ${end.error.message}`, end.reusable);
  // Without the brackets around it.
  const bytes = Buffer.byteLength(end.json) - 2;
  if (bytes > outputBytes) return failure(`the result has ${bytes} bytes, more than ${outputBytes}`, end.reusable);
  return { kind: "value", json: end.json, reusable: end.reusable };
}

const MAX_WHY = 1000;

const failure = (why: string, reusable = true): Answer => ({
  kind: "failure",
  why: why.slice(0, MAX_WHY),
  reusable,
});
