/** The environment of the host without what is ours: how a run is supervised is no business of a script or a child. */
export function operatorEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const entries = Object.entries(environment).filter(([name]) => !/^AGENT_RUN_/i.test(name));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
