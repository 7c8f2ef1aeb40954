import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { presetDecisions, UPDATE } from "./preset-decisions.ts";
import { ROOT } from "./sources.ts";

const presets = new Map(
  readdirSync(join(ROOT, "presets"))
    .filter((name) => name.endsWith(".toml"))
    .map((name) => [name.slice(0, -5), readFileSync(join(ROOT, "presets", name), "utf8")] as const),
);

test("presets/DECISIONS.md says what the presets decide", () => {
  const page = readFileSync(join(ROOT, "presets/DECISIONS.md"), "utf8");
  expect(page, `after a change that is meant: ${UPDATE}`).toBe(presetDecisions(presets));
});

test("the presets that are built are these", () => {
  const built = readdirSync(join(ROOT, "dist/presets")).filter((name) => name.endsWith(".toml"));
  const texts = built.map(
    (name) => [name.slice(0, -5), readFileSync(join(ROOT, "dist/presets", name), "utf8")] as const,
  );
  expect(new Map(texts)).toEqual(presets);
});

test("what `init` writes lets a project be tested in the jail, and refuses what is hard to take back", async () => {
  const place = new Workplace({
    "package.json": '{ "name": "x", "scripts": { "test": "node --test" } }',
    "test/a.test.js": 'require("node:test")("one", () => require("node:fs").writeFileSync("out/ran", "1"));',
  });
  try {
    expect((await place.run(["init"])).stdout).toContain("for node (found package.json)");
    const { value } = await place.report(`
      fs.mkdir("out");
      const { exitCode, stdout } = subprocess.exec(["node", "--test"]);
      const refused = [["git", "push", "-uf"], ["node", "-e", "1"], ["npm", "publish"], ["npx", "git", "reset", "--hard"]];
      const rules = refused.map((argv) => { try { subprocess.exec(argv); return "ran"; } catch (error) { return error.rule.id; } });
      return { exitCode, one: /# pass 1/.test(stdout), ran: fs.read("out/ran"), rules };
    `);
    expect(value).toEqual({
      exitCode: 0,
      one: true,
      ran: "1",
      rules: [
        ...["subprocess.deny_args.git[0]", "subprocess.deny_args.node[0]", "subprocess.deny_args.npm[0]"],
        "subprocess.deny_args.git[9]",
      ],
    });
  } finally {
    place.remove();
  }
});

test("a preset that grants more shows in it", () => {
  const wider = new Map(presets).set("read-only", `${presets.get("read-only")}write_allow = ["**"]\n`);
  expect(presetDecisions(wider)).not.toBe(presetDecisions(presets));
});
