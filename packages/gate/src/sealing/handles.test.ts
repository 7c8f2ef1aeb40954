import { describe, expect, test } from "vitest";
import { faceOf, Handles, type NewHandle } from "./handles.ts";

const numbered = () => {
  let count = 0;
  return new Handles(() => `sealed0${String(++count).padStart(32, "0")}`);
};

const from = (...sources: string[]): NewHandle => ({
  label: ["local"],
  origin: { kind: "answer", of: sources[0] ?? "" },
  kind: "value",
  sources,
});

describe("a handle", () => {
  test("is numbered, found by its token and shown by what the script named", () => {
    const handles = numbered();
    const one = handles.mint(from("env:A"));
    const two = handles.mint(from("file:~/b"));
    expect([one.id, two.id, handles.size]).toEqual([1, 2, 2]);
    expect([one.display, two.display]).toEqual(["[sealed env:A]", "[sealed file:~/b]"]);
    expect(handles.find(two.token)).toBe(two);
    expect(handles.find(two.token.toUpperCase())).toBeUndefined();
  });

  test("made of others has all of their labels and sources, once, and is derived", () => {
    const handles = numbered();
    const one = handles.mint({ ...from("env:A"), label: ["local", "diary"] });
    const two = handles.mint({ ...from("env:B"), label: ["diary", "a"] });
    const made = handles.derive([one, two, one]);
    expect(made).toMatchObject({ label: ["a", "diary", "local"], origin: { kind: "derived" } });
    expect(made.display).toBe("[sealed from env:A, env:B]");
  });

  test("made of many names five of them", () => {
    const handles = numbered();
    const all = ["a", "b", "c", "d", "e", "f"].map((name) => handles.mint(from(`env:${name}`)));
    expect(handles.derive(all).display).toBe("[sealed from env:a, env:b, env:c, env:d, env:e, …]");
    expect(handles.derive(all.slice(0, 5)).display).toBe("[sealed from env:a, env:b, env:c, env:d, env:e]");
  });

  test("shows a script its face and nothing else", () => {
    expect(Object.keys(faceOf(numbered().mint(from("env:A")))).sort()).toEqual(["display", "kind", "label", "token"]);
  });
});

describe("a text with tokens", () => {
  test("shows displays in their places, member names included, and leaves what is no live handle", () => {
    const handles = numbered();
    const { token } = handles.mint(from("env:A"));
    const stranger = `sealed0${"f".repeat(32)}`;
    expect(handles.show(`a ${token}${token} ${stranger}`)).toBe(`a [sealed env:A][sealed env:A] ${stranger}`);
    expect(handles.showJson({ [token]: [token, 1, null, true, { x: `<${token}>` }] })).toEqual({
      "[sealed env:A]": ["[sealed env:A]", 1, null, true, { x: "<[sealed env:A]>" }],
    });
  });

  test("holds the live handles of its tokens, in order, with repetitions, at any depth of a value", () => {
    const handles = numbered();
    const [one, two] = [handles.mint(from("env:A")), handles.mint(from("env:B"))];
    const stranger = `sealed0${"f".repeat(32)}`;
    expect(handles.inText(`${two.token} ${stranger} ${one.token}${two.token}`)).toEqual([two, one, two]);
    expect(handles.inJson({ a: [one.token], [two.token]: 1 })).toEqual([one, two]);
  });
});
