import { diagnose } from "@agent-run/runtime";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { writeOut } from "../terminal.ts";

/** Says what this machine can do. Exit 5 if runs cannot work here; a missing jail alone is a warning. */
export async function doctorCommand(options: PolicyOptions & OutputOptions, style: Style): Promise<number> {
  const findings = await diagnose(process.cwd(), options.ceiling);
  const ok = findings.every(({ state }) => state !== "fail");
  const exitCode = ok ? 0 : 5;
  if (options.json) writeJson({ ok, exitCode, findings });
  else {
    const mark = { ok: style.green("ok  "), warn: style.yellow("warn"), fail: style.red("FAIL") };
    for (const { state, what, detail, hint } of findings) {
      writeOut(`${mark[state]} ${what}: ${printableLine(detail)}\n`);
      if (hint !== undefined) writeOut(`     ${style.dim("hint:")} ${printableLine(hint)}\n`);
    }
  }
  return exitCode;
}
