/** Several runs that write and read one file at the same time: each call works, and nobody sees a part. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workplace } from "./command.ts";

let place: Workplace;

beforeAll(() => {
  place = new Workplace({
    "agent-run.toml":
      'version = 1\n[filesystem]\nread_allow = ["out/**"]\nwrite_allow = ["out/**"]\n[runtime]\nmax_calls = 100000\n',
    "out/x": "0".repeat(5000),
    "script.js": `const [letter] = args;
      for (let i = 0; i < 1000; i++) {
        fs.write("out/x", letter.repeat(5000));
        const read = fs.read("out/x");
        if (read.length !== 5000 || read !== read[0].repeat(5000)) throw new Error("a part: " + read.slice(0, 100));
      }`,
  });
});
afterAll(() => place.remove());

test("three runs, a thousand times each", async () => {
  const runs = ["a", "b", "c"].map((letter) =>
    place.run(["--policy", "agent-run.toml", "--quiet", "script.js", "--", letter]),
  );
  expect((await Promise.all(runs)).map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ""],
    [0, ""],
    [0, ""],
  ]);
  expect(place.read("out/x")).toMatch(/^(a{5000}|b{5000}|c{5000})$/);
}, 60_000);
