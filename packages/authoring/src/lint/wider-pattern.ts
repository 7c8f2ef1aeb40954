/**
 * Does one path pattern match everything that another one does, as can be read off segment by segment? A yes is certain,
 * in any case of letters, too; a no may be too much of a doubt.
 */

/** Both absolute, as rules have them. */
export function isWiderPath(wider: string, pattern: string): boolean {
  if (!PLAIN.test(wider) || !PLAIN.test(pattern)) return wider === pattern;
  let steps = 0;
  const holds = (a: readonly string[], b: readonly string[]): boolean => {
    if (++steps > MOST_STEPS) return false;
    const [first, ...others] = a;
    const [segment, ...rest] = b;
    if (first === "**") return others.length === 0 || holds(others, b) || (segment !== undefined && holds(a, rest));
    if (first === undefined || segment === undefined) return first === segment;
    return segment !== "**" && isWiderName(first, segment) && holds(others, rest);
  };
  return holds(wider.split("/").slice(1), pattern.split("/").slice(1));
}

/** Each `**` may be tried at each place. */
const MOST_STEPS = 500;
/** Of other letters than those of ASCII the next may change the one before; classes and escapes are not read here. */
const PLAIN = /^[\x20-\x5a\x5e-\x7e]*$/;

/** Of a segment, or of a name of a variable. */
export function isWiderName(wider: string, name: string): boolean {
  if (wider === name) return true;
  if (!PLAIN.test(wider) || !PLAIN.test(name)) return false;
  const [head, tail, ...more] = wider.split("*");
  if (head === undefined || tail === undefined || more.length > 0 || wider.includes("?")) return false;
  const [start = ""] = /^[^*?]*/.exec(name) ?? [];
  const [end = ""] = /[^*?]*$/.exec(name) ?? [];
  return start.startsWith(head) && end.endsWith(tail) && name.length >= head.length + tail.length;
}
