/** The main thread's hands, loaded with the first errand: a run without network and commands never pays for them. */
import type { Errand, ErrandAnswer, OperationContext } from "@agent-run/gate";

export interface Errands {
  /** `decide`: the policy as it answers to that run. */
  perform(errand: Errand, signal: AbortSignal, decide: OperationContext["decide"]): Promise<ErrandAnswer>;
  /** The verifier saw uses of these: loads what they need while the VM starts. */
  prefetch(kinds: readonly Errand["kind"][]): void;
  close(): Promise<void>;
}

export function lazyErrands(options: { readonly ca?: string; readonly listeners?: readonly number[] }): Errands {
  let loaded: Promise<Pick<Errands, "perform" | "close">> | null = null;
  const load = () => {
    loaded ??= import("@agent-run/effects/errands").then(({ createErrands }) => createErrands(options));
    return loaded;
  };
  return {
    perform: async (errand, signal, decide) => (await load()).perform(errand, signal, decide),
    prefetch: (kinds) => {
      if (kinds.length > 0) void import("@agent-run/effects/errands").then(({ prefetch }) => prefetch(kinds));
    },
    close: async () => {
      await (await loaded)?.close();
    },
  };
}
