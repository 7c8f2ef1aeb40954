/**
 * Descriptors that we were started with and that a child would get, too: a launcher may have left a file, a socket or a
 * lock open. Node marks its own as close-on-exec, and of inherited ones only those without a gap from 0 on. Linux tells
 * which are not marked; a child gets /dev/null in their place. Elsewhere there is no way to ask, and they are passed on.
 */
import { openSync, readdirSync, readFileSync } from "node:fs";
import { attempt } from "../fs/attempt.ts";

/** open(2): close-on-exec, as /proc shows flags. */
const O_CLOEXEC = 0o2000000;
/** A descriptor beyond this is not covered: every number up to it costs the child one of its own. */
const MAX_FD = 1023;

let known: readonly number[] | null = null;

/**
 * What a child is started with behind its first 3 and `taken` more: /dev/null in the place of every descriptor that would
 * be passed on. For numbers from 3 on, "ignore" leaves it.
 */
export function coverings(taken: number): readonly ("ignore" | Descriptor)[] {
  const inherited = inheritedFds();
  const count = Math.max(taken, ...inherited.map((fd) => fd - 2));
  const covering = (at: number) => (inherited.includes(at + 3) ? nullDevice() : "ignore");
  return Array.from({ length: count - taken }, (_, at) => covering(at + taken));
}

/** Any number will do, the types of execa name these only. */
type Descriptor = 3 | 4 | 5 | 6 | 7 | 8 | 9;
let openNull: Descriptor | null = null;

/** Stays open: most hosts hand nothing down and never need it. */
function nullDevice(): Descriptor {
  openNull ??= openSync("/dev/null", "r+") as Descriptor;
  return openNull;
}

/** Numbers from 3 on. They do not change: whoever opens later does so through Node, which marks them. */
function inheritedFds(): readonly number[] {
  known ??= lookUp();
  return known;
}

function lookUp(): readonly number[] {
  const names = attempt(() => readdirSync("/proc/self/fdinfo"));
  if (!names.ok) return [];
  return names.value.map(Number).filter((fd) => fd > 2 && fd <= MAX_FD && isPassedOn(fd));
}

function isPassedOn(fd: number): boolean {
  const info = attempt(() => readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"));
  const flags = info.ok ? /^flags:\s*([0-7]+)$/m.exec(info.value)?.[1] : undefined;
  return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
}
