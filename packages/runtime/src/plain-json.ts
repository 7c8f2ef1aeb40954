/**
 * A value of the host program as JSON text, or why there is none. Only what JSON holds as it is: plain objects, arrays,
 * strings, finite numbers, true, false, null. A Date, a Map or an instance of a class would be something else on the other
 * side than what was meant, so it is refused and not converted. Bounded while it is walked: a value may hold another many
 * times over.
 */
import { canonicalJson, fail, type Json, ok, type Result } from "@agent-run/gate";

const MAX_DEPTH = 64;

/** `what` begins the sentence: "the result". `undefined` is null; as a member it is left out. */
export function jsonText(value: unknown, what: string, maxBytes: number): Result<string> {
  const walk = new Walk(maxBytes);
  try {
    const text = canonicalJson(walk.plain(value === undefined ? null : value, MAX_DEPTH));
    const bytes = Buffer.byteLength(text);
    return bytes <= maxBytes ? ok(text) : tooLarge(what, maxBytes);
  } catch (error) {
    if (error instanceof Oversize) return tooLarge(what, maxBytes);
    if (error instanceof NotJson) {
      return fail({ code: "E_ARGUMENT", message: `${what} ${error.message}`, hint: "it must be plain JSON" });
    }
    throw error;
  }
}

const tooLarge = (what: string, most: number): Result<never> =>
  fail({ code: "E_TOO_LARGE", message: `${what} is more than ${most} bytes of JSON` });

class NotJson extends Error {}
class Oversize extends Error {}

class Walk {
  #left: number;

  constructor(maxBytes: number) {
    this.#left = maxBytes;
  }

  plain(value: unknown, depth: number): Json {
    // Every value is at least a digit and a comma.
    this.#take(2);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") {
      this.#take(value.length);
      return value;
    }
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new NotJson(`holds ${value}, which JSON does not have`);
      return value;
    }
    if (typeof value !== "object") throw new NotJson(`holds a ${typeof value}, which JSON does not have`);
    if (depth === 0) throw new NotJson(`is nested more than ${MAX_DEPTH} levels deep, or contains itself`);
    if (Array.isArray(value)) return Array.from(value, (member: unknown) => this.plain(member, depth - 1));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw new NotJson(`holds an instance of ${nameOf(value)}, which JSON does not have`);
    }
    return this.#members(value, depth);
  }

  #members(value: object, depth: number): Json {
    const members: [string, Json][] = [];
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      this.#take(name.length);
      members.push([name, this.plain(member, depth - 1)]);
    }
    return Object.fromEntries(members);
  }

  #take(size: number): void {
    this.#left -= size;
    if (this.#left < 0) throw new Oversize();
  }
}

const nameOf = (value: object): string => {
  const made: unknown = value.constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "a class";
};
