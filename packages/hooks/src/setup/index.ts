export type { Finding } from "./findings.ts";
export { type Scope, SETUP_HOSTS, type Setting, type SetupHost } from "./host.ts";
export { type HostInspection, inspectHosts } from "./inspect.ts";
export { machineProbe } from "./probe.ts";
export { type FileReport, install, type SetupProblem, type SetupReport, uninstall } from "./setup.ts";
