import { Runtime, stateDirectory, version } from "@agent-run/runtime";
import type { PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy } from "../select-policy.ts";
import { styleFor } from "../style.ts";
import { writeError } from "../terminal.ts";
import { showBanners } from "./run.ts";

/** Serves over stdio until the client goes away; then every run is killed. */
export async function mcpCommand(options: PolicyOptions): Promise<number> {
  const policy = selectPolicy(options);
  showBanners(policy, styleFor(2, undefined));
  const { serveMcp } = await import("@agent-run/mcp");
  await using runtime = new Runtime({ policy: policy.data, audit: options.audit ?? stateDirectory() });
  const handle = serveMcp(runtime, {
    version,
    onError: (error) => writeError(`agent-run mcp: ${printableLine(error.message)}\n`),
  });
  await new Promise<void>((resolve) => {
    process.stdin.once("close", resolve).once("end", resolve);
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
  });
  await handle.close();
  return 0;
}
