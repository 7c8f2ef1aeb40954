/**
 * Grants that say more than their writer thinks: everything, every port, hosts that anybody can register (the public
 * suffix list with its private part: `*.com`, `*.github.io`), this machine, its network and the metadata service.
 */
import { type HostPattern, hostText, type PolicyData, type RuleData, specialPurpose } from "@agent-run/policy";
import { getPublicSuffix } from "tldts";
import { type Finding, finding } from "./finding.ts";

export function broadGrants({ rules, network }: PolicyData): readonly Finding[] {
  // The places of secrets have checks of their own when a policy loads.
  const grants = rules.filter(
    ({ effect, use, ref }) => effect !== "deny" && use === undefined && ref.file !== undefined,
  );
  return [...grants.flatMap(ofRule), ...privateHosts(network.privateHosts, grants)];
}

function ofRule(rule: RuleData): readonly Finding[] {
  const { match, ref, on } = rule;
  const all = coversAll(rule)
    ? [finding("allow-all", ref, `it grants ${on.join(", ")} of ${EVERYTHING[match.kind] ?? "everything"}`, ALL_HINT)]
    : [];
  return match.kind === "host" ? [...all, ...match.patterns.flatMap((pattern) => ofHost(pattern, rule))] : all;
}

const ALL_HINT = "name what is needed; what is missing is told by every denial, with the line to add";

const EVERYTHING: Readonly<Record<string, string>> = {
  path: "the whole disk",
  host: "every host",
  variable: "every variable",
};

/** Conditions may still narrow it, which the reader of the finding can judge. */
function coversAll({ match, when, effect }: RuleData): boolean {
  if (effect !== "allow" || (when ?? []).length > 0) return false;
  if (match.kind === "path") return match.patterns.includes("/**");
  if (match.kind === "host") return match.patterns.some(({ host, path }) => host === "*" && path === null);
  return match.kind === "variable" && match.patterns.some((pattern) => /^\*+$/.test(pattern));
}

function ofHost(pattern: HostPattern, { ref }: RuleData): readonly Finding[] {
  const found: Finding[] = [];
  const { host, port } = pattern;
  const text = hostText(pattern);
  const suffix = host.startsWith("*.") ? host.slice(2) : null;
  if (suffix !== null && getPublicSuffix(suffix, { allowPrivateDomains: true }) === suffix) {
    const message = `\`${text}\` covers every host below \`${suffix}\`, and anybody can have one`;
    found.push(finding("public-suffix", ref, message, "name the hosts, or a wildcard below a domain of one owner"));
  }
  if (port === "*") {
    const message = `\`${text}\` is granted on every port, so also databases and management consoles`;
    found.push(finding("any-port", ref, message, "name the port; without one it is that of the scheme"));
  }
  return [...found, ...ofAddress(host, text, ref)];
}

function ofAddress(host: string, text: string, ref: RuleData["ref"]): readonly Finding[] {
  // Loopback needs a port in every grant, so it is a choice that was made; others get a finding.
  const purpose = /^[\d.]+$|:/.test(host) ? specialPurpose(host) : null;
  if (purpose === null || purpose === "loopback") return [];
  const isWorst = purpose === "metadata" || purpose === "link-local";
  const message = isWorst
    ? `\`${text}\` is a ${purpose} address, which gives the machine's own credentials to who asks`
    : `\`${text}\` is a ${purpose} address`;
  return [finding("private-address", ref, message, "remove it", isWorst ? {} : { level: "warning" })];
}

function privateHosts(hosts: PolicyData["network"]["privateHosts"], grants: readonly RuleData[]): readonly Finding[] {
  return Object.entries(hosts).flatMap(([host, ranges]) => {
    const wide = ranges.filter((range) => Number(range.split("/")[1]) < (range.includes(":") ? 48 : 12));
    const grant = grants.find(({ match }) => match.kind === "host" && match.patterns.some((one) => one.host === host));
    if (wide.length === 0 || grant === undefined) return [];
    const message = `\`${host}\` may resolve into ${wide.join(", ")}, nearly a whole private network`;
    return [finding("private-address", grant.ref, message, "name the subnet of that host", { level: "warning" })];
  });
}
