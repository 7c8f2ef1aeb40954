/** How the flow rules give orders: one way, in program order, without an answer. */
import type { Definition, ToVault } from "./vault-message.ts";

export interface VaultLine {
  /** Run that the orders are for. */
  readonly run: string;
  tell(message: ToVault): void;
}

export const define = (line: VaultLine, { id, token }: { id: number; token: string }, as: Definition): void =>
  line.tell({ kind: "define", run: line.run, handle: id, token, as });
