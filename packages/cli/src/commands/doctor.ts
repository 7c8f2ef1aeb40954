import type { HostInspection } from "@agent-run/hooks/setup";
import { diagnose, homeDirectory } from "@agent-run/runtime";
import { foldedForOut } from "../fold.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { writeOut } from "../terminal.ts";
import { settingOf } from "./install.ts";

/** Says what this machine can do. Exit 5 if runs cannot work here, or if a host that was set up would not ask; a missing jail alone is a warning. */
export async function doctorCommand(options: PolicyOptions & OutputOptions, style: Style): Promise<number> {
  const findings = await diagnose(process.cwd(), options.ceiling);
  const hosts = await hostsHere();
  const ok = [...findings, ...hosts.flatMap((one) => one.findings)].every(({ state }) => state !== "fail");
  const exitCode = ok ? 0 : 5;
  if (options.json) writeJson({ ok, exitCode, findings, hosts });
  else {
    const mark = { ok: style.green("ok  "), warn: style.yellow("warn"), fail: style.red("FAIL") };
    for (const { state, what, detail, hint } of findings) {
      writeOut(`${mark[state]} ${what}: ${printableLine(detail)}\n`);
      if (hint !== undefined) writeOut(foldedForOut(`     ${style.dim("hint:")} ${printableLine(hint)}\n`));
    }
    for (const { host, findings: found, ungated } of hosts) {
      for (const { state, detail, hint } of found) {
        writeOut(foldedForOut(`${mark[state]} ${host}: ${printableLine(detail)}\n`));
        if (hint !== undefined) writeOut(foldedForOut(`     ${style.dim("hint:")} ${printableLine(hint)}\n`));
      }
      for (const way of ungated) writeOut(foldedForOut(`     ${style.dim("not asked:")} ${printableLine(way)}\n`));
    }
  }
  return exitCode;
}

/** Of this directory's project and of the user. */
async function hostsHere(): Promise<readonly HostInspection[]> {
  if (homeDirectory() === null) return [];
  const { inspectHosts, machineProbe } = await import("@agent-run/hooks/setup");
  return inspectHosts(settingOf({ scope: "project" }, null), machineProbe(process.cwd()));
}
