/** How the flow rules give orders: one way, in program order, without an answer. */
import type { Definition, ToVault } from "./vault-message.ts";

export interface VaultLine {
  /** Run that the orders are for. */
  readonly run: string;
  tell(message: ToVault): void;
  /** What orders of this run hold is bounded: it lies in memory until the vault gets to it. */
  readonly isFull: boolean;
}

export const define = (line: VaultLine, { id, token }: { id: number; token: string }, as: Definition): void =>
  line.tell({ kind: "define", run: line.run, handle: id, token, as });
