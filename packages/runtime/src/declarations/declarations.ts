/** All declarations of one policy, for a file (`whole`) or, in short, for the description of a tool. */
import { CAPABILITIES, type Capability, type Policy } from "@agent-run/policy";
import type { OwnCapability } from "../define-capability.ts";
import { declarationsFor } from "./script-api.ts";
import { sealedCapabilities, sealedDeclarations, sealedNames } from "./sealed.ts";
import { toolDeclarations } from "./tools.ts";

export interface DeclarationOptions {
  /** Default: what the policy grants or has asked about. */
  readonly granted?: ReadonlySet<Capability>;
  /** Definitions of own capabilities; absent: nobody knows them, and the policy's names stand for them. */
  readonly capabilities?: readonly OwnCapability[];
}

/** In short: what a model does not know by itself. */
export const briefDeclarations = (policy: Policy, options: DeclarationOptions = {}): string =>
  declarations(policy, options, false);

/** A file that a compiler takes with no other library than the language's own. */
export const wholeDeclarations = (policy: Policy, options: DeclarationOptions = {}): string =>
  `${declarations(policy, options, true)}\n`;

function declarations(policy: Policy, { granted, capabilities }: DeclarationOptions, whole: boolean): string {
  const own = granted ?? new Set(CAPABILITIES.filter((on) => policy.grants(on)));
  const sealed = { sealed: sealedCapabilities(policy), sealedNames: sealedNames(policy) };
  return [
    declarationsFor({ capabilities: own, ...sealed }, whole),
    ...toolDeclarations(policy, capabilities ?? null),
    ...sealedDeclarations(policy),
  ].join("\n");
}
