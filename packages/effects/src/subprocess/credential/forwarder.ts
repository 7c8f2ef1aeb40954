/**
 * The way from git to its door in a jail without a network: a program that starts first in the jail, listens on the
 * jail's own loopback interface, carries bytes to the door's socket file, and runs git. It knows no secret and decides
 * nothing; it is there because git speaks no HTTP to socket files.
 */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Failure, fail, ok, type PinnedCommand, type Result } from "@agent-run/gate";
import { attempt } from "../../fs/attempt.ts";

/** Of a network namespace in which nobody else is. */
export const JAIL_PORT = 8080;

/** For `node`, as CommonJS. Ends with what git ended with. */
const PROGRAM = `"use strict";
const { spawn } = require("node:child_process");
const net = require("node:net");
const { constants } = require("node:os");
const [, , socket, port, file, ...words] = process.argv;
const server = net.createServer((inside) => {
  const outside = net.connect(socket);
  const end = () => { inside.destroy(); outside.destroy(); };
  inside.on("error", end);
  outside.on("error", end);
  inside.pipe(outside).pipe(inside);
});
server.listen(Number(port), "127.0.0.1", () => {
  const child = spawn(file, words, { argv0: "git", stdio: "inherit" });
  child.on("error", () => process.exit(127));
  child.on("exit", (code, signal) => process.exit(code === null ? 128 + constants.signals[signal] : code));
});
`;

/** `directory`: the private one, with the door's socket in it; shown to the child read-only. For a jailed command. */
export function throughForwarder(command: PinnedCommand, directory: string, socket: string): Result<PinnedCommand> {
  const { path, dev, ino, argv, jail } = command;
  const program = join(directory, "forward.cjs");
  const node = process.execPath;
  const prepared = attempt(() => {
    writeFileSync(program, PROGRAM);
    return statSync(node);
  });
  if (jail === null || !prepared.ok) return fail(noForwarder);
  return ok({
    ...command,
    path: node,
    dev: prepared.value.dev,
    ino: prepared.value.ino,
    // Compared once more before the start, like any program of the call.
    interpreter: { path, dev, ino },
    argv: [node, program, socket, String(JAIL_PORT), path, ...argv.slice(1)],
    jail: { ...jail, readOnly: [...jail.readOnly, node, directory] },
  });
}

const noForwarder: Failure = {
  code: "E_EXEC",
  message: "the command was not run, as the program that connects its jail could not be started",
  capability: "subprocess.exec",
};
