import type { Effect, RuleRef } from "./decision.ts";
import type { RuleData } from "./policy-data.ts";

/** A rule of a book. What every decision asks of it stands here, too: rules as data have many forms, and this has one. */
export class Rule {
  readonly data: RuleData;
  /** Place in the policy. */
  readonly order: number;
  readonly effect: Effect;
  readonly ref: RuleRef;
  readonly id: string;
  /** Alone, as most answers name it. */
  readonly ids: readonly string[];
  readonly isLimited: boolean;

  constructor(data: RuleData, order: number) {
    this.data = data;
    this.order = order;
    this.effect = data.effect;
    this.ref = data.ref;
    this.id = data.ref.id;
    this.ids = [data.ref.id];
    this.isLimited = data.limit !== undefined;
  }
}
