/**
 * Names of tools: calls that the host program or another server answers, `tool.<namespace>.<verb>`. Which there are is
 * not the policy's to know, so rules name them one by one, by namespace (`tool.payments.*`) or all (`tool.*`), and what
 * no rule names is denied as ever.
 */
import type { Capability } from "./signatures.ts";

/** `tool.payments.refund`; in rules also `tool.payments.*` and `tool.*`. */
export type ToolCapability = `tool.${string}`;

/** One part of a name. No `__proto__`, nothing that a path, a pattern or a line of text could be taken for. */
const PART = "[A-Za-z][A-Za-z0-9_-]{0,63}";
const NAME = new RegExp(`^${PART}\\.${PART}$`);
const PATTERN = new RegExp(`^(?:\\*|${PART}\\.(?:\\*|${PART}))$`);

const PREFIX = "tool.";

/** A name without `tool.`: `payments.refund`. */
export const isToolName = (text: string): boolean => NAME.test(text);

export const isTool = (on: string): on is ToolCapability => on.startsWith(PREFIX);

export const toolNamed = (name: string): ToolCapability => `${PREFIX}${name}`;

/** One tool, by its full name; else undefined. */
export const readTool = (text: string): ToolCapability | undefined =>
  isTool(text) && isToolName(text.slice(PREFIX.length)) ? text : undefined;

/** What a rule may be about: one tool, a namespace, or all. */
export const readTools = (text: string): ToolCapability | undefined =>
  isTool(text) && PATTERN.test(text.slice(PREFIX.length)) ? text : undefined;

/** Does a rule about `on` speak of this capability? */
export function isAmong(on: readonly Capability[], capability: Capability): boolean {
  if (on.includes(capability)) return true;
  if (!isTool(capability)) return false;
  const [, namespace = ""] = capability.split(".");
  return on.includes("tool.*") || on.includes(`tool.${namespace}.*`);
}
