/**
 * Answers the engine while a run is on: host calls go to the run's ports, and every poll and every call asks whether the
 * run must stop. Between runs, and while the error of an ended run is read, no effect happens.
 */
import { FATAL_CODES, type FatalCode } from "@agent-run/gate";
import type { EngineHost } from "./engine.ts";
import { type HostAnswer, weight } from "./membrane.ts";
import type { Rejections } from "./rejections.ts";
import type { MachinePorts } from "./run.ts";
import { RunStop } from "./run-stop.ts";

export class RunDesk implements EngineHost {
  readonly #maxWeight: number;
  #ports: MachinePorts = NO_PORTS;
  #rejections: Rejections | null = null;

  /** `maxWeight`: of one request, in bytes of V8's heap. */
  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  open(ports: MachinePorts, rejections: Rejections): void {
    this.#ports = ports;
    this.#rejections = rejections;
  }

  close(): void {
    this.#ports = NO_PORTS;
    this.#rejections = null;
  }

  /** While an error is read: limits hold, but no effect happens any more (a proxy's trap could ask for one). */
  allowNoEffects(): void {
    const ports = this.#ports;
    const answer = '{"error":{"code":"E_INTERRUPTED","message":"the run is over"}}';
    this.#ports = { call: () => answer, nextSettlement: () => null, stop: () => ports.stop() };
  }

  nextSettlement(): string | null {
    const settlement = this.#ports.nextSettlement();
    this.poll();
    return settlement;
  }

  readonly call = (json: string): HostAnswer => {
    if (weight(json) > this.#maxWeight) throw new RunStop("E_LIMIT_MEMORY");
    const answer = this.#ports.call(json);
    this.poll();
    if (typeof answer === "string" && answer.startsWith('{"fatal":')) throw new RunStop(fatalCode(answer));
    return answer;
  };

  poll(): void {
    const code = this.#ports.stop();
    if (code !== null) throw new RunStop(code);
  }

  refuseGrowth(): RunStop {
    return new RunStop("E_LIMIT_MEMORY");
  }

  rejection(promise: bigint, reason: bigint, handled: boolean): void {
    this.#rejections?.report(promise, reason, handled);
  }
}

const NO_PORTS: MachinePorts = { call: () => '{"ok":null}', nextSettlement: () => null, stop: () => null };

function fatalCode(answer: string): FatalCode {
  const { fatal } = JSON.parse(answer) as { fatal: unknown };
  return FATAL_CODES.find((code) => code === fatal) ?? "E_INTERRUPTED";
}
