/** Patterns one step wider, as a hand that slipped would have written them. Null: there is no wider one worth asking for. */
import type { HostPattern } from "@agent-run/policy";

/** `out/**` to `**`, `*.md` to `*`, `*` to `**`; `base` is the rooted directory that the writer's pattern hangs under. */
export function widerPath(pattern: string, base: string): string | null {
  const below = pattern.startsWith(`${base}/`) && base !== "/" ? base : "";
  const segments = pattern.slice(below.length + 1).split("/");
  const last = segments.at(-1);
  if (last === undefined || last === "") return null;
  const kept = segments.slice(0, -1);
  if (last !== "**") return rooted(below, [...kept, last === "*" ? "**" : "*"]);
  return kept.length === 0 ? null : rooted(below, [...kept.slice(0, -1), "**"]);
}

const rooted = (base: string, segments: readonly string[]): string => `${base}/${segments.join("/")}`;

/** Wider by its name, by its port, by its path; each alone. */
export function widerHosts(pattern: HostPattern): readonly HostPattern[] {
  const host = widerName(pattern.host);
  const path = pattern.path === null ? null : widerPath(pattern.path, "");
  return [
    ...(host === null ? [] : [{ ...pattern, host }]),
    ...(pattern.port === "*" ? [] : [{ ...pattern, port: "*" } as const]),
    ...(path === null ? [] : [{ ...pattern, path }]),
  ];
}

/** `api.example.com` to `*.example.com`; a name of one label, an address and `*` stay. */
function widerName(host: string): string | null {
  const labels = host.split(".");
  const rest = labels.slice(1).join(".");
  if (rest === "" || /^[\d.]+$/.test(host) || host.includes(":")) return host.startsWith("*.") ? "*" : null;
  if (!host.startsWith("*.")) return `*.${rest}`;
  const parent = labels.slice(2).join(".");
  return parent === "" ? "*" : `*.${parent}`;
}

/** Any name. */
export const widerVariable = (pattern: string): string | null => (pattern === "*" ? null : "*");

/** Words of a grant: `log *` to `log **`, `log **` to `**`. A denial of fewer words denies more: `push --force` to `push`. */
export function widerWords(words: string, narrow: boolean): string | null {
  const list = words.split(" ");
  const kept = list.slice(0, -1);
  if (!narrow) return kept.length === 0 ? null : kept.join(" ");
  if (list.at(-1) !== "**") return [...kept, "**"].join(" ");
  return kept.length === 0 ? null : [...kept.slice(0, -1), "**"].join(" ");
}
