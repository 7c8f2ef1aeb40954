/**
 * A directory for temporary files of the tests that share a process, gone when all have run: a file of tests that shares
 * one does not know what others left.
 */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ownTemporary = join(tmpdir(), `agent-run-tests-${process.pid}`);

export default function setup() {
  mkdirSync(ownTemporary, { recursive: true });
  return () => rmSync(ownTemporary, { recursive: true, force: true });
}
