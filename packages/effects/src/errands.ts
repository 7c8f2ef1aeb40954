/**
 * Does what a run's worker asks of the main thread: resolving names, HTTP requests, commands. It decides nothing; each
 * errand was checked, decided and recorded where its permit was minted. Every errand ends: by its own clock, by the
 * signal of its run, or when all are closed (KILLABLE). Heavy modules are loaded with the first errand that needs them.
 */
import { setMaxListeners } from "node:events";
import { type Errand, type ErrandAnswer, fail, InvariantViolation, type OperationContext } from "@agent-run/gate";
import { sendRequest } from "./net/http.ts";
import { type Lookup, lookupBySystem, resolveName } from "./net/names.ts";
import { lazySecureContext } from "./net/trust.ts";
import { loadExeca } from "./subprocess/child.ts";
import { runCommand } from "./subprocess/run-command.ts";

export interface ErrandOptions {
  /** PEM certificates that are trusted beside the system's and NODE_EXTRA_CA_CERTS. */
  readonly ca?: string;
  /** How names are resolved; the operating system's way if absent. */
  readonly lookup?: Lookup;
  /** Ports of this machine on which agent-run listens; no request reaches them. */
  readonly listeners?: readonly number[];
}

export interface Errands {
  /**
   * Never takes longer than the errand's own time. `signal` is the run's: aborted, sockets and children end. `decide`: the
   * policy as it answers to that run, for what a jailed command left behind; no command runs without one.
   */
  perform(errand: Errand, signal: AbortSignal, decide?: OperationContext["decide"]): Promise<ErrandAnswer>;
  /** Ends all errands under way and waits until they are gone; later ones fail. */
  close(): Promise<void>;
}

export function createErrands(options: ErrandOptions = {}): Errands {
  const underWay = new Map<AbortController, Promise<ErrandAnswer>>();
  let closed = false;
  const trust = lazySecureContext(options.ca);
  const { lookup = lookupBySystem, listeners = [] } = options;

  const start = async (
    errand: Errand,
    signal: AbortSignal,
    decide: OperationContext["decide"],
  ): Promise<ErrandAnswer> => {
    switch (errand.kind) {
      case "resolve":
        return resolveName(errand.host, errand.timeoutMs, lookup, signal);
      case "http":
        return sendRequest(errand.request, { secureContext: trust, listeners }, signal);
      case "exec": {
        return runCommand(errand.command, signal, decide);
      }
      case "approve":
        return fail({ code: "E_APPROVAL_UNAVAILABLE", message: "nobody can be asked here" });
      case "consult":
      case "validate":
      case "invoke":
        throw new InvariantViolation("a question to the host program came to the hands of the network and commands");
      case "settle":
      case "release":
      case "broker":
        throw new InvariantViolation("an order to the vault came to the hands of the public side");
    }
  };

  return {
    perform: async (errand, signal, decide = neverAsked) => {
      const controller = new AbortController();
      const stop = (): void => controller.abort();
      // One signal a run, and a run has more errands under way than the ten listeners that Node warns about.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted || closed) stop();
      const work = start(errand, controller.signal, decide);
      underWay.set(controller, work);
      try {
        return await work;
      } finally {
        signal.removeEventListener("abort", stop);
        underWay.delete(controller);
      }
    },
    close: async () => {
      closed = true;
      const works = [...underWay.values()];
      for (const controller of underWay.keys()) controller.abort();
      await Promise.allSettled(works);
    },
  };
}

const neverAsked = (): never => {
  throw new InvariantViolation("a jailed command ran where no policy is known");
};

/** Loads what errands of these kinds need, early, while the VM starts. Failing here is no failure: it shows later. */
export async function prefetch(kinds: readonly Errand["kind"][]): Promise<void> {
  const loads: Promise<unknown>[] = [];
  if (kinds.includes("http")) loads.push(import("./net/client.ts").then(({ loadClient }) => loadClient()));
  if (kinds.includes("exec")) loads.push(loadExeca());
  await Promise.allSettled(loads);
}
