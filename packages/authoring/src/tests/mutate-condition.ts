/** Slips in the conditions of a rule: one that is gone, a bound that is one off, one of several values that is missing. */
import type { Condition, Hours, Test } from "@agent-run/policy";
import { conditionText } from "./clause-text.ts";
import type { Slip } from "./mutate-match.ts";

/** `after` is null where the condition is gone. */
export function slipsOfCondition(condition: Condition): readonly Slip<Condition | null>[] {
  const text = conditionText(condition);
  const { attribute, test } = condition;
  return [
    { kind: "drop condition", what: `without \`${text}\``, after: null },
    ...boundsOf(test).map((moved): Slip<Condition> => {
      const after = { attribute, test: moved };
      return { kind: "move bound", what: `\`${text}\` moved to \`${exactText(after)}\``, after };
    }),
    ...fewerOf(test).map(({ without, left }): Slip<Condition> => {
      const what = `\`${text}\` without \`${without}\``;
      return { kind: "drop pattern", what, after: { attribute, test: left } };
    }),
  ];
}

/** One byte, one port, one millisecond. */
function boundsOf(test: Test): readonly Test[] {
  if (!("value" in test) || typeof test.value !== "number") return [];
  const { value } = test;
  return [value + 1, value - 1]
    .filter((moved) => moved >= 0 && Number.isSafeInteger(moved))
    .map((moved) => ({ ...test, value: moved }) as Test);
}

/** Numbers in full: `1MB` and one more would look alike. */
const exactText = ({ attribute, test }: Condition): string =>
  attribute === "now" || !("value" in test)
    ? conditionText({ attribute, test })
    : `${attribute} ${test.op} ${test.value}`;

function fewerOf(test: Test): readonly { readonly without: string; readonly left: Test }[] {
  const each = <T extends string | number>(list: readonly T[], make: (left: readonly T[]) => Test) =>
    list.length < 2
      ? []
      : list.map((one, at) => ({ without: String(one), left: make(list.filter((_, other) => other !== at)) }));
  switch (test.op) {
    case "in":
    case "not_in":
      return each(test.values, (values) => ({ ...test, values }));
    case "glob":
      return each(test.patterns, (patterns) => ({ ...test, patterns }));
    case "cidr":
      return each(test.ranges, (ranges) => ({ ...test, ranges }));
    default:
      return [];
  }
}

/** One minute more and one less at each end. */
export function slipsOfHours(hours: Hours): readonly Slip<Hours | null>[] {
  const ends = ["from", "to"] as const;
  const moved = ends.flatMap((end) =>
    [hours[end] + 1, hours[end] - 1]
      .filter((minutes) => minutes >= 0 && minutes < 24 * 60)
      .map((minutes): Slip<Hours> => {
        const what = `hours ${end} minute ${hours[end]} moved to ${minutes}`;
        return { kind: "move bound", what, after: { ...hours, [end]: minutes } };
      }),
  );
  return [{ kind: "drop hours", what: "without `hours`", after: null }, ...moved];
}
