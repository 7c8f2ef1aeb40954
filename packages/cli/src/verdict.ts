/** A decision as the commands report it. */
import type { Decision, JsonObject } from "@agent-run/policy";

/** The exit code that the call would give a run that does not catch it; 4: somebody has to be asked. */
export const verdictExit = ({ effect }: Decision): 0 | 2 | 4 => (({ allow: 0, deny: 2, ask: 4 }) as const)[effect];

export function verdictOf({ effect, code, rule, matched, layer, hint, sealed, use, limited }: Decision): JsonObject {
  return {
    ...{ decision: effect, code, rule: { ...rule }, matched: [...matched], layer },
    ...(hint === undefined ? {} : { hint }),
    ...(sealed === undefined ? {} : { sealed: { label: [...sealed.label], accepts: [...sealed.accepts] } }),
    ...(use === undefined ? {} : { use: { ...use } }),
    ...(limited === undefined ? {} : { limited: [...limited] }),
  };
}
