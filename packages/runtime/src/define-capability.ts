/** Own capabilities: what a program lets its scripts do besides what agent-run has, behind the same wall. */
import { isToolName } from "@agent-run/policy";
import type { OutputOf, StandardSchema } from "./standard-schema.ts";

/** What an effect is given besides its arguments. */
export interface EffectContext {
  /** Aborted when the run ends, for whatever reason: stop then, since the answer goes nowhere any more. */
  readonly signal: AbortSignal;
  /** ULID of the run, as in its report. */
  readonly run: string;
}

/** `Schema`: any Standard Schema v1, as zod, valibot and arktype make them. */
export interface CapabilityDefinition<Schema extends StandardSchema> {
  /**
   * read: leaves no trace. reversible: can be taken back. irreversible: cannot, so its record is on disk before it
   * happens.
   */
  readonly class: "read" | "reversible" | "irreversible";
  /**
   * Reads what the script gave. What it makes of it (with defaults, coercions) must be plain JSON: that is decided,
   * recorded, and given to `effect`.
   */
  readonly input: Schema;
  /** One line for a model. */
  readonly description?: string;
  /**
   * Does it, once it is decided, approved and on the record; runs in your thread. Its result must be plain JSON, at most
   * the policy's `max_response`. What it throws is told to `onOutcome` and never to the script.
   */
  effect(args: OutputOf<Schema>, context: EffectContext): unknown;
  /** What a call is about, in a few words, for reports and people who are asked: `order 17, 5.00 EUR`. */
  target?(args: OutputOf<Schema>): string;
}

/** For `createRuntime({ capabilities })`. */
export interface OwnCapability {
  /** `payments.refund`: in policies `tool.payments.refund`, in scripts `tools.payments.refund(args)`. */
  readonly name: string;
  readonly class: "read" | "reversible" | "irreversible";
  readonly input: StandardSchema;
  readonly description: string | null;
  readonly effect: (args: never, context: EffectContext) => unknown;
  readonly target: ((args: never) => string) | null;
}

/** Families of agent-run's own, and what a reader could take for one. */
const RESERVED = ["fs", "net", "subprocess", "env", "tool", "tools", "seal", "release", "agent-run"];

/**
 * Defines a capability `namespace.verb` of your own. A script calls it as `tools.namespace.verb({...})`; the policy decides
 * it as `tool.namespace.verb`, and denies it unless a `[[rule]]` allows it. Throws a TypeError for a definition that is none.
 */
export function defineCapability<Schema extends StandardSchema>(
  name: string,
  definition: CapabilityDefinition<Schema>,
): OwnCapability {
  if (typeof name !== "string" || !isToolName(name)) {
    throw new TypeError(
      `\`${String(name)}\` is no name of a capability: two parts of letters, digits, \`_\` and \`-\`, as in \`payments.refund\``,
    );
  }
  const [namespace = ""] = name.split(".");
  if (RESERVED.includes(namespace)) throw new TypeError(`\`${namespace}\` is a family of agent-run's own`);
  const { class: kind, input, description = null, effect, target = null } = definition;
  if (kind !== "read" && kind !== "reversible" && kind !== "irreversible") {
    throw new TypeError(`\`class\` of \`${name}\` must be "read", "reversible" or "irreversible"`);
  }
  if (typeof input?.["~standard"]?.validate !== "function") {
    throw new TypeError(`\`input\` of \`${name}\` must be a Standard Schema v1, as zod, valibot and arktype make them`);
  }
  if (typeof effect !== "function") throw new TypeError(`\`effect\` of \`${name}\` must be a function`);
  if (target !== null && typeof target !== "function")
    throw new TypeError(`\`target\` of \`${name}\` must be a function`);
  if (description !== null && typeof description !== "string") {
    throw new TypeError(`\`description\` of \`${name}\` must be a string`);
  }
  return Object.freeze({ name, class: kind, input, description, effect, target });
}
