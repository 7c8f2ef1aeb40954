/**
 * A request as the operator's log has it. Here the values stand in it: in a URL, in a command's words and variables, where
 * a private block may have put anything. What was done, where, is kept; what with, is not: a log outlives its secrets.
 */
import type { CanonicalRequest, IntentEntry, Json, Target } from "@agent-run/gate";

export function logged(entry: IntentEntry): IntentEntry {
  const { decision } = entry;
  const { target, hint: _hint, ...kept } = decision;
  const shown = target === undefined ? kept : { ...kept, target: placeOf(target) };
  return { ...entry, request: withoutContent(entry.request), decision: shown };
}

function withoutContent(request: CanonicalRequest): CanonicalRequest {
  const { url_path: _path, argv, env, ...attrs } = request.attrs;
  return {
    ...request,
    targets: request.targets.map(placeOf),
    attrs: {
      ...attrs,
      ...(Array.isArray(argv) ? { words: argv.length } : {}),
      ...(Array.isArray(env) ? { env: env.map(nameOf) } : {}),
    },
  };
}

/** Of a URL the origin. */
const placeOf = (target: Target): Target =>
  target.kind === "url" && URL.canParse(target.value) ? { ...target, value: new URL(target.value).origin } : target;

const nameOf = (variable: Json): string => String(variable).split("=", 1)[0] ?? "";
