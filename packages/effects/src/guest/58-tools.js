/*
 * tools: what the host program or other servers answer, as `tools.<namespace>.<verb>(args)`. Which there are is known when
 * a run begins; their names are checked outside. One object goes out and JSON comes back, decided by the gate like any
 * other call.
 */

const { take } = kernel;

function toolFunction(name, verb) {
  const call = (args) => {
    if (args !== undefined && take.kindOf(args) !== "object") {
      take.wrong(`tools.${name}`, "args", "an object", args);
    }
    return kernel.call(`tool.${name}`, args ?? {});
  };
  return Object.freeze(kernel.native(verb, 1, call));
}

kernel.onStart(() => {
  const tools = Object.create(null);
  for (const name of kernel.setup.tools ?? []) {
    const [namespace, verb] = name.split(".");
    tools[namespace] ??= Object.create(null);
    tools[namespace][verb] = toolFunction(name, verb);
  }
  for (const namespace of Object.keys(tools)) Object.freeze(tools[namespace]);
  kernel.define("tools", Object.freeze(tools));
});
