/**
 * What a release rule lets out of a value: the selected part if it is exactly of the declared type, else the rule's
 * `otherwise`. Nothing else leaves by a release, so nothing here converts, trims or shortens: a value that is nearly of the
 * type would carry more bits than the operator was told.
 */
import { isJsonArray, isJsonObject, type Json, type ReleaseData, type ReleaseType } from "@agent-run/gate";
import { linearPattern } from "./linear-pattern.ts";
import type { Plain } from "./plain.ts";

export function selectAndCheck(value: Plain, release: Pick<ReleaseData, "select" | "type" | "otherwise">): Json {
  const selected = select(value, release.select);
  return selected !== undefined && isOfType(selected, release.type) ? unsigned(selected) : release.otherwise;
}

/** A text is read as JSON where a part of it is selected, as files and answers are texts. */
function select(value: Plain, path: ReleaseData["select"]): Plain {
  const start = path.length > 0 && typeof value === "string" ? parsed(value) : value;
  return path.reduce<Plain>(member, start);
}

/** Own members alone: keys of objects, indexes of arrays (`length` is no key). */
function member(value: Plain, key: string | number): Plain {
  if (typeof key === "number") return isJsonArray(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isOfType(value: Json, type: ReleaseType): boolean {
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean";
    case "enum":
      return typeof value === "string" && type.values.includes(value);
    case "int":
      return Number.isSafeInteger(value) && Number(value) >= type.min && Number(value) <= type.max;
    case "pattern":
      return isText(value, type.max) && (linearPattern(type.pattern)?.(value) ?? false);
    case "text":
      return isText(value, type.max) && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value);
  }
}

/** `max` in UTF-16 units, as `length` counts. */
const isText = (value: Json, max: number): value is string => typeof value === "string" && value.length <= max;

/** Minus zero would be a second zero. */
const unsigned = (value: Json): Json => (value === 0 ? 0 : value);

function parsed(text: string): Plain {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
