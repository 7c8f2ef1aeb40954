import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argumentPaths } from "./argument-paths.ts";

const certain = (...args: string[]) =>
  argumentPaths(["cmd", ...args])
    .filter((one) => one.certain)
    .map((one) => one.text);
const uncertain = (...args: string[]) =>
  argumentPaths(["cmd", ...args])
    .filter((one) => !one.certain)
    .map((one) => one.text);

describe("an argument that looks like a path is certainly one", () => {
  test.each([
    ["/etc/passwd", "/etc/passwd"],
    ["~", "~"],
    ["~/x", "~/x"],
    ["~root/x", "~root/x"],
    ["a/b", "a/b"],
    ["./a", "./a"],
    ["../a", "../a"],
    ["..", ".."],
    ["--file=/etc/passwd", "/etc/passwd"],
    ["--file=a/b", "a/b"],
    ["--file=~/x", "~/x"],
    ["-f/etc/passwd", "/etc/passwd"],
    ["-f../x", "../x"],
    ["-f~/x", "~/x"],
    ["-xvf/etc/passwd", "/etc/passwd"],
    ["-xvf../x", "../x"],
    ["-f=/etc/passwd", "/etc/passwd"],
    ["-f=a/b", "a/b"],
    ["if=/etc/passwd", "/etc/passwd"],
    ["if=a/b", "a/b"],
    ["@/etc/passwd", "/etc/passwd"],
    ["-d@/etc/passwd", "/etc/passwd"],
    ["--data=@/etc/passwd", "/etc/passwd"],
    ["-Fx=@/etc/passwd", "/etc/passwd"],
    ["x=@/etc/passwd", "/etc/passwd"],
    ["x=</etc/passwd", "/etc/passwd"],
    ["--opt=a=/etc/passwd", "/etc/passwd"],
    ["-oControlPath=/tmp/x", "/tmp/x"],
    ["/a:/etc/passwd", "/etc/passwd"],
    ["host:/etc/passwd", "/etc/passwd"],
    ["a,/etc/passwd", "/etc/passwd"],
    ["--include=a,/etc/passwd", "/etc/passwd"],
    [":/x", "/x"],
    ["name@/etc/passwd", "/etc/passwd"],
    ["name@a/b", "a/b"],
    ['x=@"/etc/passwd"', "/etc/passwd"],
    ["x=<'/etc/passwd'", "/etc/passwd"],
    ["x=@a,b/c;type=text/plain", "b/c"],
    ["HEAD:src/a", "src/a"],
    ["file:///etc/passwd", "/etc/passwd"],
    ["FILE://localhost/etc/passwd", "/etc/passwd"],
    ["file:///etc/%70asswd?x#y", "/etc/passwd"],
    ["--url=file:///etc/passwd", "/etc/passwd"],
    ["HEAD:src/a", "HEAD:src/a"],
    ["https://example.com/x", "https://example.com/x"],
  ])("%s: %s", (arg, path) => expect(certain(arg)).toContain(path));

  test.each([
    ["HEAD:.env", ".env"],
    [":.env", ".env"],
    [":2:.env", ".env"],
    ["HEAD~1:x", "x"],
  ])("%s may name the file %s", (arg, path) =>
    expect(argumentPaths(["git", arg]).map(({ text }) => text)).toContain(path),
  );

  test("a URL is not cut up", () => expect(certain("https://example.com:8080/etc/passwd")).toHaveLength(1));
});

describe("a bare word may name something that exists", () => {
  test.each([
    ["secret.txt", "secret.txt"],
    [".env", ".env"],
    ["--file=secret.txt", "secret.txt"],
    ["--env-file=.env", ".env"],
    ["-fsecret.txt", "secret.txt"],
    ["-xfsecret.txt", "secret.txt"],
    ["-xvfsecret.txt", "secret.txt"],
    ["-f.env", ".env"],
    ["if=secret.txt", "secret.txt"],
    ["@secret.txt", "secret.txt"],
    ["-d@secret.txt", "secret.txt"],
    ["x=@secret.txt", "secret.txt"],
  ])("%s: %s", (arg, text) => expect(uncertain(arg)).toContain(text));

  test("also with dashes, once options have ended", () => {
    expect(uncertain("--", "-x")).toEqual(["-x"]);
    expect(certain("--", "--a=/b")).toContain("/b");
  });
});

describe("what is no path is no candidate", () => {
  test.each([["-x"], ["--force"], ["-"], ["--"], [""], ["--a="]])("%j", (arg) =>
    expect(argumentPaths(["cmd", arg])).toEqual([]),
  );
  test("nor is the command itself", () => expect(argumentPaths(["/usr/bin/git"])).toEqual([]));
  test("each text comes once", () =>
    expect(argumentPaths(["cmd", "a", "a", "--x=a"])).toEqual([{ text: "a", certain: false }]));
});

test("every absolute path behind `=`, `@`, `:`, `,` or a letter is found", () => {
  const lead = fc.constantFrom("", "--file=", "-f", "-xf", "if=", "@", "--d=@", "h:", "a,", "-o=", "x=@");
  fc.assert(
    fc.property(lead, fc.stringMatching(/^\/[a-z./]{1,12}$/), (start, path) => {
      expect(certain(start + path)).toContain(path);
    }),
  );
});
