import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countToday } from "./day-counter.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "agent-run-count-"));
  file = join(directory, "state/counts.json");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const count = (name: string, max: number, times: number) =>
  Array.from({ length: times }, () => countToday(file, name, max));
const stored = () => JSON.parse(readFileSync(file, "utf8"));

/** As processes of their own would import it. */
async function bundled(): Promise<string> {
  const outfile = join(directory, "count.mjs");
  const entry = fileURLToPath(new URL("./day-counter.ts", import.meta.url));
  await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile, logLevel: "error" });
  return outfile;
}

describe("uses of a day", () => {
  test("are counted by name, up to the number given", () => {
    expect(count("a", 2, 3)).toEqual(["counted", "counted", "used up"]);
    expect(count("b", 1, 2)).toEqual(["counted", "used up"]);
    expect(stored().counts).toEqual({ a: 2, b: 1 });
  });

  test("of another day do not count", () => {
    count("a", 1, 1);
    writeFileSync(file, JSON.stringify({ ...stored(), day: "2001-01-01" }));
    expect(count("a", 1, 2)).toEqual(["counted", "used up"]);
  });

  test("are the owner's to read, in a directory that is the owner's", () => {
    count("a", 1, 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "state")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(directory, "state"))).toEqual(["counts.json"]);
  });

  test("of several processes at once are all counted, and none twice", async () => {
    const module = await bundled();
    const program = `import { countToday } from ${JSON.stringify(module)};
      let n = 0;
      for (let i = 0; i < 25; i++) if (countToday(${JSON.stringify(file)}, "a", 70) === "counted") n += 1;
      process.stdout.write(String(n));`;
    const run = promisify(execFile);
    const children = Array.from({ length: 4 }, () =>
      run(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }),
    );
    const counts = (await Promise.all(children)).map(({ stdout }) => Number(stdout));
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(70);
    expect(stored().counts).toEqual({ a: 70 });
  });
});

describe("what cannot be counted", () => {
  test.each(["{", '"x"x', "\0"])("fails, and stays as it was: a file that holds %j", (text) => {
    mkdirSync(join(directory, "state"));
    writeFileSync(file, text);
    expect(count("a", 5, 1)).toEqual(["failed"]);
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test("fails: a file that cannot be read, a place that cannot be made", () => {
    mkdirSync(file, { recursive: true });
    expect(count("a", 5, 1)).toEqual(["failed"]);
    writeFileSync(join(directory, "plain"), "");
    expect(countToday(join(directory, "plain/counts.json"), "a", 5)).toBe("failed");
  });

  test("fails: a lock that another process holds", () => {
    mkdirSync(join(directory, "state"));
    writeFileSync(`${file}.lock`, "");
    expect(count("a", 5, 1)).toEqual(["failed"]);
    expect(existsSync(`${file}.lock`)).toBe(true);
  });
});

test("a lock that a process left when it died is taken over", () => {
  mkdirSync(join(directory, "state"));
  writeFileSync(`${file}.lock`, "");
  utimesSync(`${file}.lock`, new Date(0), new Date(0));
  expect(count("a", 1, 1)).toEqual(["counted"]);
  expect(existsSync(`${file}.lock`)).toBe(false);
});
