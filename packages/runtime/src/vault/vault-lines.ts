/**
 * Reads what the vault says: lines of JSON, each one of the four messages with exactly its members. Anything else is
 * dropped: a vault that says something else is not listened to.
 */
import { type FromVault, isJsonObject, type Json } from "@agent-run/gate";

const MEMBERS: Readonly<Record<FromVault["kind"], readonly string[]>> = {
  settled: ["id", "kind", "run"],
  released: ["id", "kind", "rule", "run", "value"],
  brokered: ["answer", "id", "kind", "run"],
  outcome: ["id", "kind", "ok", "run"],
};

export class VaultLines {
  #parts: Buffer[] = [];

  take(chunk: Buffer): FromVault[] {
    const messages: FromVault[] = [];
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(10, from);
      if (end === -1) break;
      this.#parts.push(chunk.subarray(from, end));
      const message = messageOf(Buffer.concat(this.#parts).toString("utf8"));
      if (message !== null) messages.push(message);
      this.#parts = [];
      from = end + 1;
    }
    if (from < chunk.length) this.#parts.push(chunk.subarray(from));
    return messages;
  }
}

function messageOf(line: string): FromVault | null {
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch {
    return null;
  }
  if (!isJsonObject(value) || typeof value.kind !== "string" || !Object.hasOwn(MEMBERS, value.kind)) return null;
  const members = MEMBERS[value.kind as FromVault["kind"]];
  const isExact = Object.keys(value).sort().join() === members.join();
  return isExact && typeof value.id === "number" ? (value as unknown as FromVault) : null;
}
