/** A shell command, judged: every call that it would make, and a denial for each part that was not read. */
import { isLoaderVariable } from "@agent-run/policy";
import { type Judge, lexical } from "./judge.ts";
import { judgeBuiltin, judgeFunction, judgeProgram, judgeVariable } from "./program.ts";
import { readShell } from "./shell/read-shell.ts";
import type { ShellCall } from "./shell/reading.ts";

export function judgeShell(judge: Judge, text: string, cwd: string): void {
  const { calls, unread } = readShell(text, cwd, judge.world);
  judge.findCommands(calls.flatMap((call) => (call.kind === "run" ? call.argv.slice(0, 1) : [])));
  for (const call of calls) judgeCall(judge, call);
  for (const { text: part, reason, hint } of unread)
    judge.deny(part, "shell", hint === "" ? reason : `${reason}: ${hint}`);
}

function judgeCall(judge: Judge, call: ShellCall): void {
  if (call.kind === "run") judgeProgram(judge, call);
  else if (call.kind === "builtin") judgeBuiltin(judge, call.argv);
  else if (call.kind === "write") judge.file("fs.write", call.path);
  else if (call.kind === "variable") judgeVariable(judge, call.name);
  else if (call.kind === "set") setVariable(judge, call.name);
  else if (call.kind === "define") judgeFunction(judge, call.name);
  // The root needs no grant of its own: the operator chose it.
  else if (call.kind !== "enter" || lexical(call.path) !== judge.policy.data.root) judge.file("fs.read", call.path);
}

function setVariable(judge: Judge, name: string): void {
  const layers = [judge.policy.data, ...judge.policy.data.ceilings];
  const isAllowed = layers.every(({ subprocess }) => subprocess.setEnv.includes(name)) && !isLoaderVariable(name);
  if (!isAllowed)
    judge.deny(`${name}=...`, "set_env", `to allow it, the policy needs: [subprocess] set_env = ["${name}"]`);
}
