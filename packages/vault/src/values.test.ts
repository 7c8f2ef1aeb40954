import { describe, expect, test } from "vitest";
import { done, failed, type Plain } from "./plain.ts";
import { Values } from "./values.ts";

/** A handle that is younger than all of the test. */
const LATER = 1_000_000;

const token = (n: number): string => `sealed0${String(n).padStart(32, "0")}`;

function valuesOf(...all: readonly Plain[]): Values {
  const values = new Values();
  for (const [index, value] of all.entries()) values.define(index + 1, token(index + 1), async () => done(value));
  return values;
}

describe("a value", () => {
  test("is computed when it is first needed, and once", async () => {
    const values = new Values();
    let times = 0;
    values.define(1, token(1), async () => done(++times));
    expect(times).toBe(0);
    expect(await Promise.all([values.get(1), values.get(1)])).toEqual([done(1), done(1)]);
    expect(await values.get(1)).toEqual(done(1));
  });

  test("that failed, or whose computation threw, stays failed", async () => {
    const values = new Values();
    let times = 0;
    values.define(1, token(1), async () => failed(`try ${++times}`));
    values.define(2, token(2), () => Promise.reject(new Error("a bug")));
    expect([await values.get(1), await values.get(1)]).toEqual([failed("try 1"), failed("try 1")]);
    expect(await values.get(2)).toMatchObject({ ok: false });
  });

  test("that nobody defined, or of a run that ended, is failed", async () => {
    const values = valuesOf("a");
    values.clear();
    expect(await values.get(1)).toMatchObject({ ok: false });
    expect(await values.get(9)).toMatchObject({ ok: false });
    expect(values.handleOf(token(1))).toBeUndefined();
  });

  test("that was dropped is never computed; one that is there stays", async () => {
    const values = valuesOf("a", "b");
    await values.get(2);
    values.drop(1);
    values.drop(2);
    expect(await values.get(1)).toMatchObject({ ok: false });
    expect(await values.get(2)).toEqual(done("b"));
  });

  test("is bounded together with all others of the run", async () => {
    const part = "x".repeat(50 * 1024 * 1024);
    const values = valuesOf(part, { [part]: [part] }, "small");
    expect((await values.get(1)).ok).toBe(true);
    expect(await values.get(2)).toMatchObject({ ok: false });
    expect(await values.get(3)).toMatchObject({ ok: false });
  });
});

describe("the values of texts", () => {
  test("are those of their live tokens; what only looks like one has none", async () => {
    const values = valuesOf("a", { b: 1 });
    const known = await values.ofTexts([`x${token(2)}${token(7)}`, token(1), token(2)], LATER);
    expect(known).toEqual(
      done(
        new Map<string, Plain>([
          [token(2), { b: 1 }],
          [token(1), "a"],
        ]),
      ),
    );
  });

  test("fail with one that failed", async () => {
    const values = valuesOf("a");
    values.define(2, token(2), async () => failed("why"));
    expect(await values.ofTexts([token(1), token(2)], LATER)).toEqual(failed("why"));
  });

  test("for a URL are not encoded twice", () => {
    const values = new Values();
    values.define(1, token(1), async () => done("a%20b"), true);
    values.define(2, token(2), async () => done("a%20b"));
    const forUrl = values.forUrl(
      new Map([
        [token(1), "a%20b"],
        [token(2), "a%20b"],
      ]),
    );
    expect([...forUrl.values()]).toEqual(["a b", "a%20b"]);
    expect([...values.forUrl(new Map([[token(1), "%"]])).values()]).toEqual(["%"]);
  });
});

test("a token that was written down before it was minted is text", async () => {
  const values = new Values();
  values.define(1, token(1), async () => done("old"));
  values.define(2, token(2), async () => done("own"));
  expect(await values.ofTexts([`${token(1)} ${token(2)}`], 2)).toEqual(done(new Map([[token(1), "old"]])));
});
