/** A host pattern with everything that it says. */
import type { HostPattern } from "./policy-data.ts";

export function hostText({ scheme, host, port, path }: HostPattern): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${name}:${port}${path ?? "/**"}`;
}
