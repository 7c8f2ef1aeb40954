/**
 * Entry of the vault's process. It is told orders on standard input, one JSON text a line, and says its four kinds of
 * message on standard output; there is nothing else to it: no arguments, no other descriptor, and of the
 * environment where the operator's further authorities stand. Its input's end is its end.
 */
import { type FromVault, Lines, type ToVault } from "@agent-run/gate";
import { assetsDirectory, imageHash } from "@agent-run/vm/installation";

import { Vault } from "./vault.ts";

/** Node opens its inspector on this signal where nobody listens to it. */
process.on("SIGUSR1", () => undefined);
// What the vault creates is for this user alone, whatever creates it: files, directories, commands.
process.umask(0o077);
// Nothing of a failure may be written anywhere: its text could hold plaintext.
process.on("uncaughtException", () => process.exit(1));
process.on("unhandledRejection", () => process.exit(1));

const MAX_CALLS = 1000;
let vault: Vault | null = null;
const lines = new Lines();

process.stdin.on("data", (chunk: Buffer) => {
  for (const line of lines.take(chunk)) hear(JSON.parse(line) as ToVault);
});
process.stdin.on("end", () => void end());
process.stdin.on("error", () => void end());
process.stdout.on("error", () => void end());

function hear(order: ToVault): void {
  if (order.kind === "open" && vault === null) {
    const directory = assetsDirectory();
    const settings = { directory, imageSha256: imageHash(directory), maxCalls: MAX_CALLS };
    vault = new Vault(order, settings, say);
  } else vault?.hear(order);
}

function say(message: FromVault): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function end(): Promise<void> {
  await vault?.close();
  process.exit(0);
}
