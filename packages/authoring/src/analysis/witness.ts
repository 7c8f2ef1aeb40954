/** A point of an exploration as a call, and what the engine says to it. */
import {
  type CanonicalRequest,
  type Capability,
  type Circumstances,
  canonicalUrl,
  type Decision,
  type Json,
  type Policy,
  type Role,
} from "@agent-run/policy";
import { UNREADABLE } from "./dimensions.ts";
import type { Point } from "./explore.ts";

export interface Witness {
  readonly request: CanonicalRequest;
  readonly circumstances: Circumstances;
  /** As people write it. */
  readonly call: string;
}

const ROLES: Readonly<Record<string, Role>> = { "fs.read": "read", "fs.write": "write", "fs.delete": "delete" };

/** Null: no such URL exists. */
export function witnessOf(on: Capability, point: Point): Witness | null {
  const target = targetOf(on, point);
  if (target === null) return null;
  const { value, attrs, words, labels = [] } = target;
  const kind = on.startsWith("fs.")
    ? "path"
    : on.startsWith("net.")
      ? "url"
      : on === "env.read"
        ? "variable"
        : "command";
  const role = ROLES[on] ?? (kind === "url" ? "connect" : kind === "variable" ? "read" : "execute");
  const request: CanonicalRequest = {
    v: 1,
    on,
    targets: [{ on, role, kind, value }],
    attrs: { ...attrs, ...bytesOf(point) },
    labels,
  };
  const circumstances = { now: numberOf(point.now), actor: textOf(point.actor) };
  return { request, circumstances, call: `${on} ${words}${around(point)}` };
}

interface Parts {
  readonly value: string;
  readonly attrs: { readonly [name: string]: Json };
  readonly words: string;
  readonly labels?: readonly string[];
}

function targetOf(on: Capability, point: Point): Parts | null {
  if (on.startsWith("fs.")) {
    const path = textOf(point.path) || "/";
    return { value: path, attrs: {}, words: quoted(path) };
  }
  if (on === "env.read") {
    const name = textOf(point.name) ?? "";
    return { value: name, attrs: { name }, words: quoted(name) };
  }
  return on.startsWith("net.") ? urlParts(point) : lineParts(point);
}

function urlParts({ host, scheme, port, url_path: path, method, secret }: Point): Parts | null {
  const name = textOf(host) ?? "";
  const segments = (textOf(path) ?? "").split("/").map(encodeURIComponent).join("/") || "/";
  const text = `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}${path === UNREADABLE ? `/${UNREADABLE}` : segments}`;
  const url = canonicalUrl(text);
  if (!url.ok) return null;
  const { value } = url;
  const attrs = {
    host: value.host,
    port: value.port,
    scheme: value.scheme,
    method: textOf(method) ?? "GET",
    url_path: value.path,
  };
  const labels = typeof secret === "string" ? [`secret:${secret}`] : [];
  return { value: value.url, attrs, words: quoted(value.url), labels };
}

function lineParts({ line, env, stdin_bytes: bytes }: Point): Parts | null {
  if (typeof line !== "object" || line === null || !("argv" in line)) return null;
  const size = typeof bytes === "number" ? { stdin_bytes: bytes } : {};
  const attrs = { command: line.argv[0] ?? "", argv: line.argv, ...(Array.isArray(env) ? { env } : {}), ...size };
  return { value: line.real, attrs, words: line.argv.map(quoted).join(" ") };
}

const bytesOf = ({ bytes }: Point) => (typeof bytes === "number" ? { bytes } : {});
const numberOf = (value: Point[string] | undefined): number | null => (typeof value === "number" ? value : null);
const textOf = (value: Point[string] | undefined): string | null => (typeof value === "string" ? value : null);

/** What a reader of the call must know besides its target. */
function around({ bytes, method, secret, env, stdin_bytes: input, now, actor }: Point): string {
  const said = {
    bytes,
    method: method === "HEAD" ? method : null,
    secret,
    env: Array.isArray(env) ? env.join(",") : null,
    stdin_bytes: input,
    actor,
  };
  const members = Object.entries(said).flatMap(([name, value]) =>
    typeof value === "string" || typeof value === "number" ? [` ${name}=${quoted(String(value))}`] : [],
  );
  const time = typeof now === "number" ? ` now=${new Date(now).toISOString()}` : "";
  return `${members.join("")}${time}`;
}

const quoted = (word: string): string => (/^[^\s"'\\]+$/.test(word) ? word : JSON.stringify(word));

export const decisionAt = (policy: Policy, { request, circumstances }: Witness): Decision =>
  policy.decide(request, request, circumstances);
