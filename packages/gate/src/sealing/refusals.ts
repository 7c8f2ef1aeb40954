/**
 * What a script is told when sealed data may not go somewhere (DENIALS-TEACH). Made of policy, typed text and displays.
 */
import { type Failure, type PolicyData, type RequestUse, rootPattern, type SecretData } from "@agent-run/policy";
import type { Call } from "../call.ts";
import type { Handle } from "./handles.ts";
import { placeOfToken } from "./slot.ts";

export const brokenToken: Failure = {
  code: "E_TOKEN_BROKEN",
  message:
    "the call contains a damaged sealed placeholder; was a string with a sealed value sliced, split or upper-cased?",
  hint: "do it inside of a compartment: `value.map((v) => v.slice(0, 10))`",
};

export function misplaced(handle: Handle | undefined, what: string): Failure {
  const shown = handle?.display ?? "a sealed value";
  return {
    code: "E_SINK",
    message: `${shown} may not be a ${what}: others than the receiver see it`,
    hint: "sealed data may stand in a body, a header's value, a URL's path or query, a file's content, standard input or a variable's value",
  };
}

/** Sealed data on its way to a public place. */
export function toPublic(policy: PolicyData, handle: Handle, call: Call): Failure {
  const host = hostOf(call);
  const uses = requestUses(policy).filter(({ use }) => host !== null && isAt(use, call));
  const [own] = uses.filter(({ secret }) => "secret" in handle.origin && handle.origin.secret === secret.name);
  if (own !== undefined) return outsideSlot(own.secret, own.use, handle, whereNot(own.use, call, handle));
  const [near] = uses.filter(({ secret }) => handle.label.includes(`secret:${secret.name}`) || secret.data);
  if (near !== undefined && !("secret" in handle.origin)) return notOriginal(near.use, handle);
  return {
    code: "E_SINK",
    message: `cannot send ${handle.display} to ${destination(call)}: ${kindOf(call)} is public`,
    capability: call.typed.on,
    hint: whereTo(policy, handle),
  };
}

/** Sealed data on its way to a local-only place that does not take it. */
export function toLocalOnly(policy: PolicyData, handle: Handle, call: Call): Failure {
  const secret = handle.label.find((label) => label.startsWith("secret:"));
  if (secret !== undefined) return useOnly(policy, secret.slice("secret:".length));
  return {
    code: "E_SINK",
    message: `cannot send ${handle.display} to ${destination(call)}: it takes data of ${listed(call.first.sealed?.accepts ?? [])}, and this is of ${listed(handle.label)}`,
    capability: call.typed.on,
    hint: whereTo(policy, handle),
  };
}

function whereNot({ methods, hosts, slot }: RequestUse, { typed, args }: Call, { token }: Handle): string {
  const { method, scheme, port } = typed.attrs;
  if (!methods.includes(String(method))) return `the method is ${String(method)}`;
  const isServer = hosts.some(
    (host) => (host.scheme === "*" || host.scheme === scheme) && (host.port === "*" || host.port === port),
  );
  if (!isServer) return "the scheme or the port is another";
  const place = placeOfToken(args, token);
  return place === `the ${slot.kind === "header" ? `header "${slot.name}"` : "query string"}`
    ? "the path is another"
    : `it is in ${place}`;
}

export function useOnly(policy: PolicyData, name: string): Failure {
  const uses = policy.localOnly?.secrets.find((secret) => secret.name === name)?.uses ?? [];
  const where = uses.map((use) => (use.kind === "request" ? useText(use) : `the command \`${use.argv.join(" ")}\``));
  return {
    code: "E_USE_ONLY",
    message: `secret \`${name}\` can be used but not opened`,
    hint: where.length === 0 ? "the policy declares no use of it" : `use it as ${where.join(", or ")}`,
  };
}

export const outsideSlot = (secret: SecretData, use: RequestUse, handle: Handle | undefined, why: string): Failure => ({
  code: "E_SLOT",
  message: `${handle?.display ?? `[sealed secret:${secret.name}]`} may be used at ${hostsOf(use)} only as ${useText(use)}; here ${why}`,
  rule: use.ref,
  hint: `send it once, as ${slotText(use)}, and nowhere else in the request`,
});

export const notOriginal = (use: RequestUse, handle: Handle): Failure => ({
  code: "E_NOT_ORIGINAL",
  message: `the ${use.slot.kind === "header" ? `${use.slot.name} header` : `query parameter ${use.slot.name}`} must hold the secret itself, and ${handle.display} is not: it was computed, or is something else`,
  rule: use.ref,
  hint: "computed values could tell the server, and then the script, something about the secret; use the value of `env.read` as it is",
});

/** `the header "authorization: Bearer …" for GET /v1/charges/**` */
const useText = (use: RequestUse): string =>
  `${slotText(use)} for ${use.methods.join(", ")} ${use.hosts.map(({ host, path }) => `${host}${path ?? ""}`).join(", ")}`;

function slotText({ slot, format }: RequestUse): string {
  const shown = format.kind === "sigv4" ? "…" : `${format.before}…${format.after}`;
  return slot.kind === "header" ? `the header "${slot.name}: ${shown}"` : `the query parameter "${slot.name}=${shown}"`;
}

const hostsOf = ({ hosts }: RequestUse): string => [...new Set(hosts.map(({ host }) => host))].join(", ");

const requestUses = ({ localOnly }: PolicyData) =>
  (localOnly?.secrets ?? []).flatMap((secret) =>
    secret.uses.flatMap((use) => (use.kind === "request" ? [{ secret, use }] : [])),
  );

const hostOf = ({ typed }: Call): string | null => (typeof typed.attrs.host === "string" ? typed.attrs.host : null);

const isAt = ({ hosts }: RequestUse, { typed }: Call): boolean =>
  hosts.some(
    ({ host }) =>
      host === typed.attrs.host || (host.startsWith("*.") && String(typed.attrs.host).endsWith(host.slice(1))),
  );

function destination(call: Call): string {
  const { typed, operation } = call;
  if (hostOf(call) !== null) return hostAndPort(String(typed.attrs.host), Number(typed.attrs.port));
  if (typed.on === "subprocess.exec") return `\`${String(typed.attrs.command)}\``;
  const args = call.args;
  const path = typeof args === "object" && args !== null && "path" in args ? args.path : undefined;
  return typeof path === "string" ? `\`${path}\`` : operation.name;
}

function kindOf({ typed }: Call): string {
  if (typed.on.startsWith("net.")) return "this host";
  return typed.on === "subprocess.exec" ? "this command" : "this file";
}

/** Which places take it, in the words of the policy. */
function whereTo(policy: PolicyData, handle: Handle): string {
  const secret = handle.label.find((label) => label.startsWith("secret:"))?.slice("secret:".length);
  if (secret !== undefined) return useOnly(policy, secret).hint ?? "";
  const places = policy.rules.flatMap(({ sealed, match, on }) => {
    if (sealed !== true) return [];
    if (match.kind === "host") return match.patterns.map(({ host, port }) => hostAndPort(host, port));
    // The first pattern is in the words of this user's home, further ones are other names of the same places.
    if (match.kind === "path" && on.includes("fs.write"))
      return match.patterns.slice(0, 1).map((pattern) => `files at ${belowRoot(pattern, policy.root)}`);
    return match.kind === "command" ? [`the command ${match.name}`] : [];
  });
  const shown = [...new Set(places)].slice(0, 6);
  return shown.length === 0
    ? "the policy has no place for it; local-only data may go to local_only_hosts, local_only_write and local_only_commands"
    : `local-only data may go to: ${shown.join(", ")}`;
}

/** As the policy writes it: where the root lies is no business of a script. */
function belowRoot(pattern: string, root: string): string {
  const start = `${rootPattern(root, "")}/`;
  return pattern.startsWith(start) ? pattern.slice(start.length) : pattern;
}

const hostAndPort = (host: string, port: number | "*"): string =>
  port === "*" || port === 443 || port === 80 ? host : `${host}:${port}`;

const listed = (labels: readonly string[]): string =>
  labels.length === 0 ? "nothing" : labels.map((label) => `\`${label}\``).join(", ");
