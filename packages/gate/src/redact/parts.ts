/** What of a local-only text is looked for: the whole, its longer lines, the right sides of settings, strings in its JSON. */

/** A shorter value stands in every second line of ordinary output. */
const SHORTEST_VALUE = 4;
const SHORTEST_PART = 8;

/** `export KEY = "value"`, `key: value`: a file of settings is mostly read for the right side of one line. */
const SETTING = /^\s*(?:export\s+)?[\w.-]+\s*[=:]\s*(["']?)(.+)\1\s*$/;

/** The whole first; no part twice. Empty: the value is too short to be looked for. */
export function partsOf(value: string): ReadonlySet<string> {
  const whole = value.trim();
  if (whole.length < SHORTEST_VALUE) return new Set();
  const parts = new Set([whole]);
  for (const text of [whole, ...leavesOf(whole)]) {
    if (text !== whole) add(parts, text);
    for (const line of text.split(/\r\n|[\n\r]/)) addLine(parts, line);
  }
  return parts;
}

/** Of a setting the right side is enough: whatever form the line takes, that side takes it in there. */
function addLine(parts: Set<string>, line: string): void {
  if (!add(parts, SETTING.exec(line)?.[2])) add(parts, line);
}

/** Lines of rules and brackets only (`--------`) are no secret, and would be found everywhere. */
function add(parts: Set<string>, part = ""): boolean {
  const text = part.trim();
  const fits = text.length >= SHORTEST_PART && /[\p{L}\p{N}]/u.test(text);
  if (fits) parts.add(text);
  return fits;
}

/** Strings of a JSON object or array; without recursion, as what is nested deeper than our stack is no reason to fail. */
function leavesOf(text: string): string[] {
  const leaves: string[] = [];
  const open: unknown[] = /^[[{]/.test(text) ? [parsed(text)] : [];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "string") leaves.push(value);
    else if (typeof value === "object" && value !== null) for (const member of Object.values(value)) open.push(member);
  }
  return leaves;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
