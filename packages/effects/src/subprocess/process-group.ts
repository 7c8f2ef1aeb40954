/**
 * The children that run now, each the leader of its own process group, so that what it started is ended with it
 * (KILLABLE). A process that leaves the group (setsid, daemons) is out of reach of this; the jail's pid namespace ends
 * those too, and without a jail they stay, as `sandbox = "none"` says.
 */

const live = new Set<number>();
let watching = false;

/** From now on this group dies with us, whatever way our process ends that still runs code. */
export function addGroup(leader: number): void {
  live.add(leader);
  if (watching) return;
  watching = true;
  process.on("exit", () => {
    for (const group of live) signalGroup(group, "SIGKILL");
  });
}

/**
 * Ends what the leader left behind. Only to be called once, when the leader has ended: a number is given to another
 * process only after all numbers were used up, and never while a process is in the group.
 */
export function endGroup(leader: number): void {
  live.delete(leader);
  signalGroup(leader, "SIGKILL");
}

export function signalGroup(leader: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody is left in the group, or only processes that changed their user.
  }
}
