/** Types of local-only values: what a script holds of what it never sees. Nothing where a policy seals nothing. */
import { CAPABILITIES, type Capability, type Policy, type SecretData } from "@agent-run/policy";

export function sealedDeclarations({ localOnly }: Policy): readonly string[] {
  if (localOnly?.mode !== "sealed") return [];
  const isSigned = localOnly.secrets.some(({ uses }) =>
    uses.some((use) => use.kind === "request" && use.format.kind === "template" && use.format.of.includes("jwt")),
  );
  const release = "declare function release(rule: string, source: Sealed): any;";
  return [
    "type Sealed = {map(fn: (value: any, ...args: any[]) => any, ...args: any[]): Sealed; get(key: string): Sealed; text(): Sealed; json(): Sealed; label: string[]}; // and lazily any field: x.db.password",
    "declare const seal: {",
    "  compute(inputs: Sealed[], fn: (...valuesAndArgs: any[]) => any, ...args: any[]): Sealed;",
    "  run(inputs: Sealed[], fn: (...valuesThenIo: any[]) => any, ...args: any[]): Sealed; // io: {fs, net, subprocess} at sealed places",
    ...(isSigned ? ["  jwt(key: Sealed, claims: object, o?: {algorithm?: string}): Sealed;"] : []),
    "  settle(duration?: string): void;",
    "};",
    ...(localOnly.releases.length > 0 ? [release] : []),
  ];
}

/** Capabilities that reach something sealed, with `mode = "sealed"`. */
export function sealedCapabilities({ data }: Policy): ReadonlySet<Capability> {
  if (data.localOnly?.mode !== "sealed") return new Set();
  return new Set(CAPABILITIES.filter((on) => data.rules.some((rule) => rule.sealed === true && rule.on.includes(on))));
}

/** Variables and secrets whose reading gives a Sealed, by the names that scripts use, in order. */
export function sealedNames({ data }: Policy): readonly string[] {
  if (data.localOnly?.mode !== "sealed") return [];
  const variables = data.rules.flatMap(({ sealed, effect, match }) =>
    sealed === true && effect === "allow" && match.kind === "variable" ? match.patterns : [],
  );
  const secrets = data.localOnly.secrets.map(nameOfSecret);
  return [...new Set([...variables, ...secrets])].filter((name) => !/[*?[\]]/.test(name)).sort();
}

/** The name by which scripts that know nothing of us read it. */
export const nameOfSecret = ({ name, source }: SecretData): string =>
  source.kind === "env" && source.field === null ? source.name : name;
