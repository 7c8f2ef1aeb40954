/** The published package, packed and installed into an empty folder: it brings nothing along, and it works. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./sources.ts";

let folder: string;
const env = { ...process.env, npm_config_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };
const npm = (cwd: string, ...args: string[]) =>
  execFileSync("npm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-package-")));
  npm(ROOT, "pack", "--ignore-scripts", "--pack-destination", folder);
  const [tarball = ""] = readdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  npm(folder, "install", `./${tarball}`);
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data/a.txt"), "alpha");
  writeFileSync(
    join(folder, "x.toml"),
    'version = 1\ninherits = ["secure-defaults"]\n[filesystem]\nread_allow = ["data/**"]\n',
  );
  writeFileSync(join(folder, "script.js"), 'print(fs.read("data/a.txt")); fs.read("x.toml")');
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package", () => {
  test("installs itself and nothing else", () => {
    const names = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
    expect(names).toEqual(["agent-run"]);
  });

  test("runs a script with npx", () => {
    let ended: { status: number; stdout: string; stderr: string } | undefined;
    try {
      npm(folder, "exec", "--", "agent-run", "--policy", "x.toml", "--audit", "record", "script.js");
    } catch (error) {
      ended = error as { status: number; stdout: string; stderr: string };
    }
    expect(ended?.status).toBe(2);
    expect(ended?.stdout).toBe("alpha\n");
    expect(ended?.stderr).toContain("error[E_POLICY_DENIED]: the policy does not allow `fs.read` of `x.toml`");
  });

  test.each(["esm", "cjs"] as const)("works in a program's own bundle (%s), beside which it is installed", (format) => {
    const name = format === "esm" ? "bundled.mjs" : "bundled.cjs";
    writeFileSync(
      join(folder, "app.ts"),
      `import { createRuntime, loadPolicy } from "agent-run";
       async function main() {
         const runtime = await createRuntime({ policy: await loadPolicy("x.toml"), audit: "record" });
         const report = await runtime.run('return fs.glob("data/*").map((path) => fs.read(path))');
         console.log(JSON.stringify([report.ok, report.value]));
         await runtime.close();
       }
       void main();`,
    );
    const options = ["--bundle", "--platform=node", "--target=node20", "--log-level=error", `--format=${format}`];
    execFileSync(join(ROOT, "node_modules/.bin/esbuild"), ["app.ts", ...options, `--outfile=deep/er/${name}`], {
      cwd: folder,
    });
    const out = execFileSync(process.execPath, [`deep/er/${name}`], { cwd: folder, encoding: "utf8" });
    expect(JSON.parse(out)).toEqual([true, ["alpha"]]);
  });

  test("is a library with types, as docs/library.md shows it", () => {
    const page = readFileSync(join(ROOT, "docs/library.md"), "utf8");
    const [, program = "", printed] = /^```ts\n(.*?)^```$.*?^```text\n(.*?)^```$/ms.exec(page) ?? [];
    writeFileSync(join(folder, "use.ts"), program);
    const config = {
      compilerOptions: {
        module: "nodenext",
        target: "es2023",
        lib: ["es2023", "esnext.disposable"],
        strict: true,
        outDir: "out",
        types: ["node"],
        typeRoots: [join(ROOT, "node_modules/@types")],
      },
      files: ["use.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc")], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
    });
    const out = execFileSync(process.execPath, ["out/use.js"], { cwd: folder, encoding: "utf8" });
    expect(out).toBe(printed);
  });
});
