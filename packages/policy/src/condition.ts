/** Conditions of a `[[rule]]`, as plain data: what `when` and `hours` say. */
import type { JsonObject } from "./json.ts";
import type { HostPattern } from "./policy-data.ts";
import type { Capability } from "./signatures.ts";

/** A test of one attribute of the call. */
export interface Condition {
  /** Of the signature of every capability in `on`, or one that every call has: `actor`, `now`. */
  readonly attribute: string;
  readonly test: Test;
}

/**
 * Bytes are numbers of bytes, times are milliseconds since 1970. A missing attribute, and one of another type, is unknown
 * to every operator but `exists`. `contains` of a list of strings asks for one of its elements. `in` and `not_in` of a
 * string take strings, of a number numbers.
 */
export type Test =
  | { readonly op: "eq" | "ne"; readonly value: string | number }
  | { readonly op: "lt" | "le" | "gt" | "ge"; readonly value: number }
  | { readonly op: "in" | "not_in"; readonly values: readonly (string | number)[] }
  | { readonly op: "contains" | "starts_with" | "ends_with"; readonly value: string }
  /** RE2, found anywhere in the text. */
  | { readonly op: "regex"; readonly pattern: string }
  /** Any of them matches the whole text. Of `path` and `url_path` as path patterns (rooted), else `*` and `?` over all characters. */
  | { readonly op: "glob"; readonly patterns: readonly string[] }
  /** Of `address`: any of these ranges holds it. */
  | { readonly op: "cidr"; readonly ranges: readonly string[] }
  | { readonly op: "exists"; readonly value: boolean };

export type Operator = Test["op"];

/** `Mon-Fri 08:00-18:00 Europe/Berlin`. */
export interface Hours {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes of the day, `to` exclusive. `to` at or before `from`: over midnight, and the day is that of `from`. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly zone: string;
}

/** What is around a call and no part of it. Null: unknown. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly now: number | null;
  /** Who acts, as asserted by whoever started the run. */
  readonly actor: string | null;
}

export const UNKNOWN_CIRCUMSTANCES: Circumstances = { now: null, actor: null };

/** argument: of a tool, whatever its caller put there; a test of it takes what its operand is, a text or a whole number. */
export type AttributeType = "string" | "int" | "bytes" | "strings" | "time" | "address" | "argument";

/** `[[test]]`: what a policy is expected to answer. */
export interface PolicyTest {
  readonly name: string | null;
  /** The call, as `given` writes it: `on` and the members of a call; besides, `now`, `actor` and `labels`. */
  readonly given: PolicyCall;
  readonly expect: { readonly effect: "allow" | "ask" | "deny"; readonly rule?: string; readonly code?: string };
  readonly at: { readonly file: string; readonly line: number; readonly column: number };
}

/** A call in a policy, for `requestOf`, and what is around it. */
export interface PolicyCall {
  readonly call: Readonly<Record<string, string | number | readonly string[] | JsonObject>>;
  readonly circumstances: Circumstances;
}

/** `[[never]]`: no possible call of these capabilities, at these places, is allowed or asked about. */
export interface PolicyNever {
  readonly name: string | null;
  readonly on: readonly Capability[];
  /**
   * Where: absent means everywhere; `not`: everywhere but there. Patterns as those of a rule's `match`, already rooted.
   */
  readonly where: readonly NeverPlace[];
  readonly at: { readonly file: string; readonly line: number; readonly column: number };
}

export type NeverPlace =
  | { readonly attribute: "path" | "name" | "command"; readonly not: boolean; readonly patterns: readonly string[] }
  | {
      readonly attribute: "host";
      readonly not: boolean;
      readonly patterns: readonly HostPattern[];
    };

/** What a policy says about itself: checked by tools, not by runs. Of the main policy and all it inherits. */
export interface PolicyChecks {
  readonly tests: readonly PolicyTest[];
  readonly nevers: readonly PolicyNever[];
}
