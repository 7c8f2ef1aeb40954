/**
 * Reads what the vault says: a line of JSON each, one of the four messages with exactly its members. Anything else is
 * dropped: a vault that says something else is not listened to.
 */
import { type FromVault, isJsonObject, type Json } from "@agent-run/gate";

const MEMBERS: Readonly<Record<FromVault["kind"], readonly string[]>> = {
  settled: ["id", "kind", "run"],
  released: ["id", "kind", "rule", "run", "value"],
  brokered: ["answer", "id", "kind", "run"],
  outcome: ["id", "kind", "ok", "run"],
};

export function messageOf(line: string): FromVault | null {
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch {
    return null;
  }
  return isMessage(value) ? value : null;
}

function isMessage(value: Json): value is Json & FromVault {
  if (!isJsonObject(value) || typeof value.kind !== "string" || !Object.hasOwn(MEMBERS, value.kind)) return false;
  const members = MEMBERS[value.kind as FromVault["kind"]];
  return Object.keys(value).sort().join() === members.join() && typeof value.id === "number";
}
