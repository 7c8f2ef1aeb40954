import { expect, test } from "vitest";
import { secretField } from "./secret-field.ts";

test.each([
  ['{"a":{"b":"x"}}', "a.b", "x"],
  ['{"a":{"b":null}}', "a.b", null],
  ['{"a":{"b":[1]}}', "a", { b: [1] }],
  ['{"__proto__":"x"}', "__proto__", "x"],
])("of %s, `%s` is that member", (text, field, value) => {
  expect(secretField(text, field)).toEqual(value);
});

test.each([
  ["no JSON", "a"],
  ['"text"', "length"],
  ["[1]", "0"],
  ["{}", "constructor"],
  ['{"a":null}', "a.b"],
  ['{"a.b":1}', "a.b"],
])("of %s, `%s` is nothing", (text, field) => {
  expect(secretField(text, field)).toBeUndefined();
});
