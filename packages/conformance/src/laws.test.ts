/** The laws of the house: what the architecture promises, held against the sources. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CODES } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { filesBelow, ROOT, type SourceFile, sourceFiles, targetOf, withoutComments } from "./sources.ts";

const files = sourceFiles();
const product = files.filter((file) => !file.isTest && file.package !== "conformance");

/** Package to what it may import, by the names of imports; the rows of the table in docs/architecture.md. */
const MAY_IMPORT = packageTable();

/** Node's modules that reach the world, and the files outside `effects` that may import them. */
const WORLDLY = /^node:(fs|net|http|https|http2|dgram|dns|tls|child_process|cluster|inspector)(\/|$)/;
const WORLDLY_FILES = [
  "packages/approvals/src/own-files.ts",
  "packages/audit/src/storage.ts",
  "packages/audit/src/answers-file.ts",
  "packages/vm/src/assets.ts",
  "packages/vm/src/installation.ts",
  "packages/runtime/src/vault/vault-process.ts",
  "packages/runtime/src/guest/guest.ts",
  "packages/runtime/src/guest/guest-machine.ts",
  "packages/cli/src/terminal.ts",
  "packages/hooks/src/setup/settings-file.ts",
  "packages/hooks/src/setup/probe.ts",
  // The text of a plugin, which another program imports.
  "packages/hooks/src/setup/opencode-plugin.ts",
  "packages/cli/src/prompt/controlling-terminal.ts",
  "packages/mcp/src/http/listener.ts",
  "packages/mcp/src/http/token-file.ts",
  "packages/cli/src/main.ts",
  "packages/cli/src/hook-streams.ts",
];

const packageOf = (from: string): string =>
  from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/");

describe("imports", () => {
  for (const file of product) {
    const allowed = new Set([`@agent-run/${file.package}`, ...(MAY_IMPORT.get(file.package) ?? [])]);
    const foreign = file.imports.filter(
      ({ from }) => !from.startsWith(".") && !from.startsWith("node:") && !allowed.has(packageOf(from)),
    );
    if (foreign.length > 0) {
      test(`${file.path} imports only what its package may`, () => expect(foreign).toEqual([]));
    }
  }

  test("every package keeps to its row of the table", () => {
    expect([...MAY_IMPORT.keys()].sort()).toEqual([...new Set(product.map((file) => file.package))].sort());
  });

  test("the table allows nothing that is not used", () => {
    const used = new Set(
      product.flatMap((file) => file.imports.map(({ from }) => `${file.package}: ${packageOf(from)}`)),
    );
    const rows = [...MAY_IMPORT].flatMap(([name, allowed]) => allowed.map((other) => `${name}: ${other}`));
    expect(rows.filter((row) => !used.has(row))).toEqual([]);
  });

  test("relative imports stay inside their package and name the file with its ending", () => {
    const strays = files.flatMap((file) =>
      file.imports
        .filter(({ from }) => from.startsWith("."))
        .filter(
          ({ from }) =>
            !/\.(ts|json|mjs)$/.test(from) ||
            (!file.isTest && !targetOf(file, from).startsWith(`packages/${file.package}/src/`)),
        )
        .map(({ from }) => `${file.path} -> ${from}`),
    );
    expect(strays).toEqual([]);
  });

  test("modules that reach the world are imported in `effects`, `vault` and named files only", () => {
    const strays = product
      .filter((file) => file.package !== "effects" && file.package !== "vault" && !WORLDLY_FILES.includes(file.path))
      .filter((file) => file.imports.some(({ from, typeOnly }) => WORLDLY.test(from) && !typeOnly));
    expect(strays.map((file) => file.path)).toEqual([]);
  });

  test("`policy` and `gate` are pure: of Node they import path arithmetic at most", () => {
    const strays = product
      .filter((file) => file.package === "policy" || file.package === "gate")
      .filter((file) => file.imports.some(({ from }) => from.startsWith("node:") && !from.startsWith("node:path")));
    expect(strays.map((file) => file.path)).toEqual([]);
  });

  test("there are no cycles", () => {
    expect(cyclesOf(product)).toEqual([]);
  });
});

describe("the wall", () => {
  test("permits are minted in gate.ts only", () => {
    const users = product.filter(({ text }) => /\bmintPermit\b/.test(text)).map(({ path }) => path);
    expect(users).toEqual(["packages/gate/src/gate.ts", "packages/gate/src/permit.ts"]);
    expect(count(product, /new Permit\(/g)).toBe(1);
    expect(count(product, /\bmintPermit\(/g)).toBe(1);
  });

  test("operations are executed in gate.ts only", () => {
    const callers = product.filter(({ text }) => /\boperation\.execute\(/.test(text)).map(({ path }) => path);
    // Flows wrap an operation: the gate executes the wrapper, with the permit that it minted for it.
    const wrappers = ["kept-answers", "redact/redact-flow", "sealing/broker", "sealing/public-answer"];
    // So does a learning run, whose wrapper gives the operation the paths of a copy.
    expect(callers).toEqual([
      "packages/effects/src/fs/overlay/overlaid.ts",
      "packages/gate/src/gate.ts",
      ...wrappers.map((name) => `packages/gate/src/${name}.ts`),
    ]);
  });

  test("gate.ts stays short enough to be read in one sitting", () => {
    const [gate] = product.filter(({ path }) => path === "packages/gate/src/gate.ts");
    expect(gate?.text.split("\n").length).toBeLessThan(190);
  });

  test("between decision and effect types are forgotten by one cast, in the table of operations", () => {
    const between = product.filter((file) => ["gate", "effects", "runtime"].includes(file.package));
    const users = between.filter(({ text }) => text.includes("as unknown as")).map(({ path }) => path);
    expect(users).toEqual(["packages/gate/src/operation.ts"]);
  });
});

describe("the code", () => {
  test("has no ignored error and no unfinished part (`any` is the linter's to refuse)", () => {
    const banned = [/@ts-(ignore|nocheck|expect-error)/, /\bTODO\b/, /\bFIXME\b/];
    const strays = files
      .filter(({ path }) => path !== "packages/conformance/src/laws.test.ts")
      .filter(({ text }) => banned.some((pattern) => pattern.test(withoutComments(text))));
    expect(strays.map(({ path }) => path)).toEqual([]);
  });

  test("has files of a size that can be read; a longer one says why at its head", () => {
    const long = product.filter(
      ({ text }) => text.split("\n").length > 300 && !/long because/i.test(text.slice(0, 1500)),
    );
    expect(long.map(({ path, text }) => `${path}: ${text.split("\n").length}`)).toEqual([]);
  });

  test("has no file named for nothing", () => {
    const names = product.filter(({ path }) => /\/(utils?|common|helpers?|misc|manager)\.ts$/.test(path));
    expect(names.map(({ path }) => path)).toEqual([]);
  });

  test("skips no test", () => {
    const skipping = files.filter(
      ({ isTest, text }) => isTest && /\b(test|it|describe)\.(skip|only|todo)\b/.test(text),
    );
    expect(skipping.map(({ path }) => path).filter((path) => !path.endsWith("laws.test.ts"))).toEqual([]);
  });
});

describe("error codes", () => {
  const pages = filesBelow(join(ROOT, "docs/errors"), ".md").map((path) => path.slice(path.lastIndexOf("/") + 1, -3));

  test("have a page each, and no page is without a code", () => {
    expect(pages.filter((page) => page !== "README").sort()).toEqual(Object.keys(CODES).sort());
  });

  for (const code of Object.keys(CODES)) {
    test(`${code} is met by a test`, () => {
      const corpus = [...files.filter(({ isTest }) => isTest).map(({ text }) => text), attackHeaders()];
      expect(corpus.some((text) => text.includes(code))).toBe(true);
    });
  }
});

const attackHeaders = (): string =>
  filesBelow(join(ROOT, "eval"), ".js")
    .map((path) => readFileSync(path, "utf8").slice(0, 400))
    .join("\n");

test("every dependency has a line in docs/decisions/dependencies.md", () => {
  const text = readFileSync(join(ROOT, "docs/decisions/dependencies.md"), "utf8");
  const manifests = [
    "package.json",
    ...[...new Set(files.map((file) => file.package))].map((name) => `packages/${name}/package.json`),
  ];
  const names = manifests
    .filter((path) => existsSync(join(ROOT, path)))
    .flatMap((path) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(ROOT, path), "utf8"));
      return Object.keys({ ...dependencies, ...devDependencies });
    });
  const missing = [...new Set(names)].filter(
    (name) => !name.startsWith("@agent-run/") && !text.includes(`\`${name}\``),
  );
  expect(missing).toEqual([]);
});

/** The rows of `| package | does | may import |`; the tests' own package may import everything and is left out. */
function packageTable(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([a-z]+)` +\|[^|]*\|([^|]*)\|$/gm)].map(
    ([, name = "", cell = ""]) => [name, cell.trim().split(", ")] as const,
  );
  const own = new Set(rows.map(([name]) => name));
  return new Map(
    rows
      .filter(([name]) => name !== "conformance")
      .map(([name, list]) => [name, list.map((other) => (own.has(other) ? `@agent-run/${other}` : other))]),
  );
}

const count = (list: readonly SourceFile[], pattern: RegExp): number =>
  list.reduce((sum, { text }) => sum + (text.match(pattern)?.length ?? 0), 0);

/** Cycles of runtime imports between files, each as its path. */
function cyclesOf(list: readonly SourceFile[]): string[] {
  const edges = new Map(list.map((file) => [file.path, runtimeTargets(file)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

const runtimeTargets = (file: SourceFile): string[] =>
  file.imports
    .filter(({ from, typeOnly }) => from.startsWith(".") && !typeOnly)
    .map(({ from }) => targetOf(file, from));
