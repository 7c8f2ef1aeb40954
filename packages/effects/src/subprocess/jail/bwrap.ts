/**
 * The jail itself: bubblewrap with new namespaces for everything, no capabilities, no network, its own /proc and /tmp,
 * and the mounts of a plan. The whole process tree of a command ends with its first process (pid namespace), and that
 * with ours (`--die-with-parent`), so nothing a child starts outlives the call, not even after setsid or a double fork.
 *
 * bwrap reads its options from a descriptor, not from its command line: that would show all paths to every process of
 * the machine, and to the child. The child's variables go by bwrap's own environment for the same reason.
 */
import { statSync } from "node:fs";
import type { JailPlan, OperationContext } from "@agent-run/gate";
import { attempt } from "../../fs/attempt.ts";
import { systemWords } from "./system.ts";

/** Fixed places: what PATH finds could have been put there by whoever the jail is for. */
const PLACES = ["/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap", "/run/current-system/sw/bin/bwrap"];
const TRY_MS = 5_000;

/** Starts a small jail to see whether it works here; about 5 ms. Kernels and containers may forbid namespaces. */
export function detectJail(places: readonly string[] = PLACES): OperationContext["jail"] {
  if (process.platform !== "linux") return { ok: false, reason: "bubblewrap needs Linux" };
  const bwrap = places.find(isTrustworthy);
  if (bwrap === undefined) return { ok: false, reason: `bubblewrap is not installed (looked for ${places[0]})` };
  // Loading the module costs 5 ms, and most runs start no command.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const words = [...jailWords(emptyPlan(bwrap), "/"), "--", "/usr/bin/env"];
  const tried = spawnSync(bwrap, words, {
    env: {},
    timeout: TRY_MS,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (tried.status === 0) return { ok: true, bwrap };
  const said = tried.error?.message ?? tried.stderr.split("\n")[0] ?? "";
  return { ok: false, reason: `${bwrap} fails (${said.replace(/[^\x20-\x7e]/g, "?").slice(0, 200)})` };
}

/** A program that belongs to root and that nobody else can change. */
export function isTrustworthy(path: string): boolean {
  const stats = attempt(() => statSync(path));
  return stats.ok && stats.value.isFile() && stats.value.uid === 0 && (stats.value.mode & 0o022) === 0;
}

const emptyPlan = (bwrap: string): JailPlan => ({
  bwrap,
  readOnly: [],
  readWrite: [],
  hidden: [],
  links: [],
  network: false,
});

/** bwrap's options for a plan, without the command. `cwd` is made where nothing is shown at it. */
export function jailWords(plan: JailPlan, cwd: string): readonly string[] {
  return [
    "--unshare-all",
    ...(plan.network ? ["--share-net"] : []),
    "--die-with-parent",
    // Keeps the child from typing into our terminal (TIOCSTI, CVE-2017-5226).
    "--new-session",
    ...["--cap-drop", "ALL"],
    ...systemWords(),
    // Read-only, as settings of the kernel below /proc/sys ask for root and not for capabilities.
    ...["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
    ...mountWords(plan),
    ...["--dir", cwd, "--chdir", cwd],
    // Otherwise the child could leave files in the directories that lead to the mounts.
    ...["--remount-ro", "/"],
  ];
}

type Mount = { readonly path: string; readonly words: readonly string[] };

/** Outer paths first, so that an inner mount lies over an outer one. */
function mountWords({ readOnly, readWrite, hidden }: JailPlan): readonly string[] {
  const mounts: Mount[] = [
    ...readWrite.map((path) => ({ path, words: ["--bind", path, path] })),
    ...readOnly.map((path) => ({ path, words: ["--ro-bind", path, path] })),
    ...hidden.map(({ path, kind }) => ({ path, words: kind === "directory" ? emptied(path) : masked(path) })),
  ];
  const sealed = hidden.flatMap(({ path, kind }) => (kind === "directory" ? ["--remount-ro", path] : []));
  return [...mounts.sort((a, b) => depth(a.path) - depth(b.path)).flatMap(({ words }) => words), ...sealed];
}

const emptied = (path: string): readonly string[] => ["--tmpfs", path];

/** bwrap mounts without `dev`, so that opening a masked file fails with "permission denied". */
const masked = (path: string): readonly string[] => ["--ro-bind", "/dev/null", path];

const depth = (path: string): number => (path === "/" ? 0 : path.split("/").length);

/**
 * How bwrap is called: `options` go to descriptor 3, a status comes back on 4. `argv[0]` of the command is the path:
 * bwrap before 0.9 cannot set it. A program that is called by another name than its file's is reached by a link.
 */
export interface JailCall {
  readonly words: readonly string[];
  readonly options: Uint8Array;
}

const OPTIONS_FD = 3;
export const STATUS_FD = 4;

export function jailCall(plan: JailPlan, command: JailedCommand): JailCall {
  const [name = "", ...rest] = command.argv;
  const base = name.slice(name.lastIndexOf("/") + 1);
  const isOwnName = base === "" || command.path.endsWith(`/${base}`);
  const link = `/run/agent-run/${base}`;
  const extra = isOwnName ? [] : ["--symlink", command.path, link];
  const options = [...extra, ...jailWords(plan, command.cwd)].map((word) => `${word}\0`).join("");
  return {
    words: [
      "--args",
      String(OPTIONS_FD),
      "--json-status-fd",
      String(STATUS_FD),
      "--",
      isOwnName ? command.path : link,
      ...rest,
    ],
    options: new TextEncoder().encode(options),
  };
}

export interface JailedCommand {
  readonly path: string;
  readonly argv: readonly string[];
  readonly cwd: string;
}
