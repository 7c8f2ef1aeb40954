/** What a word of a shell stands for, as far as it can be known before it runs. */
export type Value = string | Unknown;

export interface Unknown {
  /** A number can neither be an option nor a path above, nor be split or matched against files. */
  readonly unknown: "number" | "text";
}

export const SOME_TEXT: Unknown = { unknown: "text" };
export const SOME_NUMBER: Unknown = { unknown: "number" };

export const isKnown = (value: Value): value is string => typeof value === "string";

/** Of words that stand side by side. */
export function glued(values: readonly Value[]): Value {
  if (values.every(isKnown)) return values.join("");
  const isNumber = (value: Value) => (isKnown(value) ? /^\d*$/.test(value) : value.unknown === "number");
  return values.every(isNumber) ? SOME_NUMBER : SOME_TEXT;
}
