import { expect, test } from "vitest";
import { loadPolicyText, loadPreset } from "./load.ts";
import type { PolicyData } from "./policy-data.ts";
import { secureDefaultsText } from "./secure-defaults.ts";
import { askCommand, askPath, askUrl, askVariable } from "./testing/ask.ts";
import { directoryWith, diskWorld, presetTexts } from "./testing/disk-world.ts";

const ROOT = directoryWith({});

function preset(name: string): PolicyData {
  const loaded = loadPreset(name, diskWorld(), { root: ROOT });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.data;
}

test.each([...presetTexts.keys()])("the preset %s loads, alone and inherited, without a banner or warning", (name) => {
  const alone = preset(name);
  const inherited = loadPolicyText(`version = 1\ninherits = ["${name}"]\n`, { path: "-" }, diskWorld(), { root: ROOT });
  for (const data of [alone, inherited.ok ? inherited.data : null]) {
    expect(data?.banners).toEqual([]);
    expect(data?.warnings).toEqual([]);
  }
  expect(alone.files[0]?.path).toBe(`preset:${name}`);
  expect(alone.name).toBe(name);
});

test("presets/secure-defaults.toml is the built-in denials as a policy", () => {
  expect(presetTexts.get("secure-defaults")).toBe(secureDefaultsText());
});

test("reading `secure-defaults` as a text gives the entries that are taken from the table", () => {
  const remarked = new Map([["secure-defaults", `${secureDefaultsText()}# another text\n`]]);
  const read = loadPreset("secure-defaults", diskWorld({ presets: remarked }), { root: ROOT });
  const rules = read.ok ? read.data.rules.filter(({ ref }) => ref.file !== undefined) : [];
  const removed = (presets: ReadonlyMap<string, string>) => {
    const text =
      'version = 1\ninherits = ["secure-defaults"]\n[filesystem]\ndeny = ["!~/.mozilla"]\n[environment]\ndeny_vars = ["!*JWT*"]\n';
    const loaded = loadPolicyText(text, { path: "-" }, diskWorld({ presets }), { root: ROOT });
    return loaded.ok ? loaded.data.banners : loaded.problems;
  };
  expect(removed(remarked)).toEqual(removed(presetTexts));
  expect(removed(presetTexts)).toHaveLength(2);
  const builtin = preset("secure-defaults").rules.filter(({ ref }) =>
    /^builtin\.(?!protected|git|policy_files|agent_hosts)/.test(ref.id),
  );
  const patterns = (list: typeof rules) =>
    list.flatMap(({ match }): readonly string[] =>
      match.kind === "path" || match.kind === "variable" ? match.patterns : [],
    );
  expect(patterns(rules)).toEqual(patterns(builtin));
});

const answers = (data: PolicyData) => ({
  read: askPath(data, "fs.read", `${ROOT}/src/a.ts`),
  hidden: askPath(data, "fs.read", `${ROOT}/.github/x.yml`),
  env: askPath(data, "fs.read", `${ROOT}/.env`),
  outside: askPath(data, "fs.read", "/etc/hostname"),
  write: askPath(data, "fs.write", `${ROOT}/src/a.ts`),
  git: askPath(data, "fs.write", `${ROOT}/.git/config`),
  delete: askPath(data, "fs.delete", `${ROOT}/src/a.ts`),
  net: askUrl(data, "https://example.com/"),
  log: askCommand(data, ["git", "log"]),
  push: askCommand(data, ["git", "push"]),
  shell: askCommand(data, ["bash"]),
  variable: askVariable(data, "LANG"),
});

const NOTHING = {
  read: "default",
  hidden: "default",
  env: "builtin.env_files",
  outside: "default",
  write: "default",
  git: "builtin.git",
  delete: "default",
  net: "default",
  log: "default",
  push: "default",
  shell: "default",
  variable: "default",
};

test("`secure-defaults` grants nothing", () => {
  expect(answers(preset("secure-defaults"))).toEqual(NOTHING);
});

test("`read-only` reads the root, and nothing else", () => {
  expect(answers(preset("read-only"))).toEqual({ ...NOTHING, read: "allow", hidden: "allow" });
});

test("`workspace` reads and writes the root, looks at history in a jail, and reaches no network", () => {
  const data = preset("workspace");
  const changes = { read: "allow", hidden: "allow", write: "allow", log: "allow" };
  expect(answers(data)).toEqual({ ...NOTHING, ...changes, push: "subprocess.deny_args.git[0]" });
  expect(data.subprocess.sandbox).toBe("auto");
});

test.each([
  "log --oneline",
  "status",
  "diff HEAD",
  "show HEAD:commit",
  "branch --show-current",
  "grep push",
  "blame a.ts",
])("`workspace` lets git look: %s", (words) => {
  expect(askCommand(preset("workspace"), ["git", ...words.split(" ")])).toBe("allow");
});

test.each([
  "push",
  "-C x push",
  "commit -m x",
  "add .",
  "branch -D x",
  "checkout x",
  "clean -fd",
  "config a b",
  "stash",
  "tag v1",
])("`workspace` lets git change nothing: %s", (words) => {
  expect(askCommand(preset("workspace"), ["git", ...words.split(" ")])).toMatch(/^subprocess\.deny_args\.git/);
});
