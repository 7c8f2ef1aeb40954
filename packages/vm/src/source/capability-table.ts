import type { Capability } from "@agent-run/gate";

/**
 * Which capability each name of the script API needs, Node's names included. `touches` are the arguments by position:
 * `fs.copy(from, to)` reads the first and writes the second. The gate decides by what is really asked for; this table
 * only lets the verifier refuse early what can never be allowed.
 */
export interface Touch {
  readonly capability: Capability;
  /** Index of the argument that names the target. */
  readonly argument: number;
  /** That argument is a pattern over paths. */
  readonly isPattern?: true;
}

const READ: readonly Touch[] = [{ capability: "fs.read", argument: 0 }];
const WRITE: readonly Touch[] = [{ capability: "fs.write", argument: 0 }];
const DELETE: readonly Touch[] = [{ capability: "fs.delete", argument: 0 }];
const COPY: readonly Touch[] = [
  { capability: "fs.read", argument: 0 },
  { capability: "fs.write", argument: 1 },
];
const MOVE: readonly Touch[] = [...COPY, { capability: "fs.delete", argument: 0 }];
const EXEC: readonly Touch[] = [{ capability: "subprocess.exec", argument: 0 }];
const ENV: readonly Touch[] = [{ capability: "env.read", argument: 0 }];

const OWN: Readonly<Record<string, readonly Touch[]>> = {
  "fs.read": READ,
  "fs.readJson": READ,
  "fs.list": READ,
  "fs.glob": [{ capability: "fs.read", argument: 0, isPattern: true }],
  "fs.write": WRITE,
  "fs.delete": DELETE,
  "fs.copy": COPY,
  "fs.move": MOVE,
  "net.httpGet": [{ capability: "net.http_get", argument: 0 }],
  "net.httpHead": [{ capability: "net.http_get", argument: 0 }],
  "net.httpPost": [{ capability: "net.http_post", argument: 0 }],
  "net.httpPut": [{ capability: "net.http_put", argument: 0 }],
  "net.httpPatch": [{ capability: "net.http_patch", argument: 0 }],
  "net.httpDelete": [{ capability: "net.http_delete", argument: 0 }],
  "subprocess.exec": EXEC,
  "env.read": ENV,
  "env.has": ENV,
};

/** Names of Node's `fs`; each also with `Sync` and below `fs.promises`. */
const NODE_FS: Readonly<Record<string, readonly Touch[]>> = {
  access: READ,
  exists: READ,
  lstat: READ,
  readFile: READ,
  readdir: READ,
  realpath: READ,
  stat: READ,
  appendFile: WRITE,
  mkdir: WRITE,
  mkdtemp: WRITE,
  writeFile: WRITE,
  rm: DELETE,
  rmdir: DELETE,
  unlink: DELETE,
  copyFile: COPY,
  cp: COPY,
  rename: MOVE,
};

/** Those of `child_process` that run something; `exec` and `spawn` only say what to use instead. */
const NODE_CHILD = ["execFile", "execFileSync", "spawnSync"] as const;

const TABLE: ReadonlyMap<string, readonly Touch[]> = new Map([
  ...Object.entries(OWN),
  ...Object.entries(NODE_FS).flatMap(([name, touches]): [string, readonly Touch[]][] => [
    [`fs.${name}`, touches],
    [`fs.${name}Sync`, touches],
    [`fs.promises.${name}`, touches],
  ]),
  ...NODE_CHILD.map((name): [string, readonly Touch[]] => [`child_process.${name}`, EXEC]),
]);

/** What a call of this name touches; null: nothing, or not known before it runs. */
export const touchesOf = (name: string): readonly Touch[] | null => TABLE.get(name) ?? null;

/** Every name of the table, for tests. */
export const TABLED_NAMES: readonly string[] = [...TABLE.keys()];
