/**
 * A host for the tests of sealed values: answers the operations of the vault's side with handles, whose tokens are
 * numbered here, and keeps what it was sent.
 */
import type { Json } from "@agent-run/gate";
import { type Call, type Run, runScript, scriptError, scriptValue, type World } from "./script-run.fixture.ts";

/** The token of the n-th handle of a run, from 1. */
export const token = (number: number): string => `sealed0${number.toString(16).padStart(32, "0")}`;

const SEALING = ["seal.get", "seal.as", "seal.encode", "seal.hmac", "seal.jwt", "seal.compute", "seal.run"];

/** `world` adds what is not about seals; `sealed(display, kind)` there makes a handle. */
export function sealedWorld(world: (sealed: (display: string, kind?: string) => Json) => World = () => ({})): World {
  let minted = 0;
  const sealed = (display: string, kind = "value"): Json => {
    minted++;
    return { sealed: { token: token(minted), display: `[sealed ${display}]`, kind, label: ["local"] } };
  };
  return {
    "env.read": () => sealed("env:KEY"),
    "net.request": () => sealed("host:localhost", "response"),
    "fs.read": () => sealed("file:~/a.json"),
    "fs.stat": () => sealed("file:~/a.json"),
    "fs.list": () => sealed("file:~/notes"),
    "fs.exists": () => sealed("file:~/a.json"),
    "subprocess.exec": () => sealed("command:git", "exec"),
    "fs.write": null,
    "seal.settle": null,
    release: "green",
    ...Object.fromEntries(SEALING.map((op) => [op, () => sealed("from env:KEY")])),
    ...world(sealed),
  };
}

const PREFIX = 'const key = env.read("KEY"); ';

/** Runs a body that has `key`, the Sealed of token(1). */
export const sealedRun = (body: string, world: World = sealedWorld(), guard = false): Promise<Run> =>
  runScript(PREFIX + body, { world, localOnly: true, guard });

export const sealedValue = (body: string, world: World = sealedWorld(), guard = false): Promise<Json> =>
  scriptValue(PREFIX + body, { world, localOnly: true, guard });

export const sealedError = (body: string, world: World = sealedWorld(), guard = false) =>
  scriptError(PREFIX + body, { world, localOnly: true, guard });

/** What the host was sent after `key` was read. The script must end well. */
export async function sent(body: string, world: World = sealedWorld()): Promise<readonly Call[]> {
  const { calls, end } = await sealedRun(body, world);
  if (end.kind !== "value") throw new Error(JSON.stringify(end));
  return calls.slice(1);
}
