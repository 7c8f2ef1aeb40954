/** What commands see and leave where something is local-only: real commands in real jails. */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@agent-run/gate";
import { afterAll, describe, expect, test, vi } from "vitest";
import { credentialSight, publicSight, type Sight, sightOf } from "../clearance.ts";
import { codeOf, jail, makeRoot, removeRoots, Scene, type SceneOptions, SH } from "../fixtures/scene.ts";
import { planJail } from "./plan.ts";
import { Survey, stampOf } from "./survey.ts";

afterAll(removeRoots);

const CANARY = "canary-5af1";
const works = { ok: true, bwrap: "/usr/bin/bwrap" } as const;
const open = { read: ["**"], write: ["w/**"], sandbox: "bwrap" } as const;
const cleared = { commands: { sh: SH }, localOnlyCommands: ["sh"] };

/** Standard output of a shell script in the jail of a command, and what failed. */
async function shell(root: string, script: string, options: SceneOptions) {
  const outcome = await new Scene(root, { ...open, ...options }).perform({ argv: ["sh"], stdin: script });
  return outcome.ok ? outcome.value.stdout : outcome.failure.code;
}

/** Paths of a plan's parts, relative to the root. */
function plan(root: string, options: SceneOptions, sight: "own" | "credential" = "own") {
  const { context } = new Scene(root, { ...open, jail: works, ...options });
  const planned = planJail("sh", sight === "own" ? sightOf("sh", context) : credentialSight, context);
  if (!planned.ok) return { failure: planned.failure };
  const shown = (paths: readonly string[]) =>
    paths
      .filter((path) => path.startsWith(root))
      .map((path) => path.slice(root.length + 1) || ".")
      .sort();
  const { readOnly, readWrite, hidden, network, clearance } = planned.value;
  return {
    readOnly: shown(readOnly),
    readWrite: shown(readWrite),
    hidden: shown(hidden.map(({ path }) => path)),
    network,
    clearance,
  };
}

describe("a public command", () => {
  const files = { "a.txt": "alpha", "notes/n.md": CANARY, "w/x": "x", "w/key.json": CANARY };
  const options = { localOnlyRead: ["notes/**", "w/key.json"] };

  test("sees nothing below a local-only directory and nothing in a local-only file", async () => {
    const root = makeRoot(files);
    const seen = await shell(root, "cat a.txt notes/n.md w/key.json 2>/dev/null; ls -A notes; true", options);
    expect(seen).toBe("alpha");
  });

  test("sees the same whatever lies in a local-only directory", async () => {
    const script = "ls -lAR --time-style=+ . | grep -v total; stat -c '%n %s %h' notes; true";
    const some = await shell(makeRoot(files), script, options);
    const more = { ...files, "notes/deep/er/z.md": CANARY, "notes/b": CANARY.repeat(99), "w/key.json": "other" };
    expect(await shell(makeRoot(more), script, options)).toBe(some);
  });

  test("does not see the names that a pattern makes local-only: their directory is hidden whole, and always", () => {
    const patterned = { localOnlyRead: ["keys/*.pem"] };
    const names = { "keys/readme": "r" };
    expect(plan(makeRoot(names), patterned)).toMatchObject({ hidden: ["keys"], readOnly: ["."] });
    expect(plan(makeRoot({ ...names, "keys/a.pem": CANARY }), patterned)).toMatchObject({ hidden: ["keys"] });
  });

  test.each([["**/*.pem"], ["*.pem"], ["*/*.pem"]])(
    "does not run where %s is local-only anywhere it could look",
    (pattern) => {
      expect(plan(makeRoot(), { localOnlyRead: [pattern] }).failure).toMatchObject({
        code: "E_POLICY_DENIED",
        rule: { id: "subprocess.sandbox" },
        message: expect.stringContaining("names cannot be hidden"),
      });
    },
  );

  test("runs where a pattern cannot reach what it is shown", () => {
    const root = makeRoot({ "src/a": "a", "x.pem": CANARY });
    expect(plan(root, { read: ["src/**"], localOnlyRead: ["*.pem"] })).toMatchObject({ readOnly: ["src"], hidden: [] });
  });

  test("does not see the file of a secret", async () => {
    const root = makeRoot({ "a.txt": "alpha", "token.txt": CANARY });
    const source = { kind: "file", path: join(root, "token.txt"), field: null } as const;
    const secrets = [{ name: "t", source, data: false, uses: [], ref: { id: "secret.t" } }];
    expect(await shell(root, "cat a.txt token.txt 2>/dev/null; true", { secrets })).toBe("alpha");
    expect(plan(root, { secrets, ...cleared })).toMatchObject({ clearance: "cleared", hidden: ["token.txt"] });
    expect(plan(root, { secrets, read: ["token.txt"], ...cleared })).toMatchObject({ readOnly: [] });
    const named = await new Scene(root, { ...open, secrets }).perform({ argv: ["sh", "token.txt"] });
    expect(codeOf(named)).toBe("E_POLICY_DENIED");
  });

  test("is not shown what a public rule names, if it is local-only", () => {
    const root = makeRoot(files);
    const localOnlyRead = ["notes/**"];
    expect(plan(root, { read: ["notes/n.md"], localOnlyRead })).toMatchObject({ readOnly: [] });
    expect(plan(root, { read: ["notes/**"], localOnlyRead })).toMatchObject({ readOnly: [] });
    expect(plan(root, { read: ["notes/*.md"], localOnlyRead })).toMatchObject({ readOnly: [] });
  });

  test("makes nobody count what is in a local-only directory", () => {
    const { context } = new Scene(makeRoot(files), { ...open, jail: works, ...options });
    const seen: string[] = [];
    const without = (path: string): boolean => seen.push(path.slice(context.root.length + 1)) === 0;
    new Survey(context, publicSight, new Set()).files(context.root, { writable: false, without });
    expect(seen.sort()).toEqual(["a.txt", "notes", "w", "w/key.json", "w/x"]);
  });

  test("cannot write a local-only path, and what it makes under such a name is moved aside", async () => {
    const root = makeRoot({ "w/x": "x", "w/out/o": CANARY });
    const localOnly = { localOnlyWrite: ["w/out/**", "w/new"] };
    expect(await shell(root, "echo y > w/out/o", localOnly)).toBe("");
    expect(readFileSync(join(root, "w/out/o"), "utf8")).toBe(CANARY);
    expect(await shell(root, "echo y > w/new", localOnly)).toBe("E_POLICY_DENIED");
    expect(existsSync(join(root, "w/new"))).toBe(false);
  });

  test("does not run where a local-only name is a link, whose text no mount can hide", () => {
    const root = makeRoot(files);
    symlinkSync("a.txt", join(root, "link"));
    expect(plan(root, { localOnlyRead: ["link"] }).failure?.code).toBe("E_POLICY_DENIED");
  });
});

describe("a word of a public command that names a local-only path", () => {
  const options = { localOnlyRead: ["notes/**", "key"], commands: { sh: SH, cat: "/usr/bin/cat" } };
  /** All that can be told from it: the outcome, what was decided, how many commands were started. */
  const outcomeOf = async (root: string, args: Json) => {
    const scene = new Scene(root, { ...open, ...options });
    const outcome = await scene.perform(args);
    const said = outcome.ok ? outcome.value : outcome.failure.message;
    const { decided, started } = scene;
    return JSON.stringify([codeOf(outcome), said, decided, started.length]).replaceAll(root, "");
  };

  test.each([
    ["a file", { argv: ["cat", "notes/n.md"] }],
    ["a word without a slash", { argv: ["cat", "key"] }],
    ["the value of an option", { argv: ["cat", "--from=notes/n.md"] }],
    ["a detour", { argv: ["cat", "w/../notes/./n.md"] }],
    ["the directory", { argv: ["cat", "notes"] }],
    ["the working directory", { argv: ["cat"], cwd: "notes" }],
    ["a working directory below it", { argv: ["cat"], cwd: "notes/deep" }],
  ])("is refused whether or not anything is there: %s", async (_, args) => {
    const none = await outcomeOf(makeRoot({ "w/x": "" }), args);
    const there = await outcomeOf(makeRoot({ "w/x": "", key: CANARY, "notes/n.md": CANARY, "notes/deep/d": "" }), args);
    expect(there).toBe(none);
    expect(there).toContain("E_POLICY_DENIED");
    expect(there).toContain("is local-only");
    // By its text alone.
    expect(there).toContain("[],0]");
  });

  test.each([
    ["a file behind a link", { argv: ["cat", "w/link"] }, "ok"],
    ["a working directory behind a link", { argv: ["cat"], cwd: "w/dir/deep" }, "E_POLICY_DENIED"],
  ])("through a link answers the same whether or not anything is there: %s", async (_, args, code) => {
    const linked = (files: Record<string, string>): string => {
      const root = makeRoot({ "w/x": "", ...files });
      symlinkSync("../notes/n.md", join(root, "w/link"));
      symlinkSync("../notes", join(root, "w/dir"));
      return root;
    };
    const none = await outcomeOf(linked({ "notes/other": "" }), args);
    const there = await outcomeOf(linked({ "notes/n.md": CANARY, "notes/deep/d": "" }), args);
    expect(there).toBe(none);
    expect(there).toContain(code);
    expect(there).not.toContain(CANARY);
  });

  test("behind a link is refused where no jail hides it", async () => {
    const root = makeRoot({ "w/x": "", "notes/n.md": CANARY });
    symlinkSync("../notes/n.md", join(root, "w/link"));
    const scene = new Scene(root, { ...open, ...options, sandbox: "none" });
    expect(codeOf(await scene.perform({ argv: ["cat", "w/link"] }))).toBe("E_POLICY_DENIED");
    expect(scene.started).toEqual([]);
  });

  test("is the cleared command's to read", async () => {
    const root = makeRoot({ "notes/n.md": CANARY });
    const scene = new Scene(root, { ...open, ...options, localOnlyCommands: ["cat"] });
    expect((await scene.run({ argv: ["cat", "notes/n.md"] })).stdout).toBe(CANARY);
  });
});

describe("a cleared command", () => {
  const files = { "a.txt": "alpha", "notes/n.md": CANARY, "w/x": "x", "out/o": "o" };
  const options = { localOnlyRead: ["notes/**", "out/**"], localOnlyWrite: ["out/**"], ...cleared };

  test("reads what is public and what is local-only", async () => {
    expect(await shell(makeRoot(files), "cat a.txt notes/n.md", options)).toBe(`alpha${CANARY}`);
  });

  test("writes to local-only paths, and nowhere that a script could look", async () => {
    const root = makeRoot(files);
    await shell(
      root,
      `for at in out w notes . ${root}; do cat notes/n.md > $at/made; done 2>/dev/null; echo > w/x`,
      options,
    );
    expect(readFileSync(join(root, "out/made"), "utf8")).toBe(CANARY);
    const made = ["w/made", "notes/made", "made"].filter((path) => existsSync(join(root, path)));
    expect([made, readFileSync(join(root, "w/x"), "utf8")]).toEqual([[], "x"]);
  });

  test("has a private directory for what is temporary, and no network", async () => {
    const root = makeRoot(files);
    expect(await shell(root, "echo t > /tmp/t; cat /tmp/t", options)).toBe("t\n");
    expect(plan(root, options)).toMatchObject({ network: false, clearance: "cleared", readWrite: ["out"] });
  });

  test("sees only labels that it accepts", () => {
    const { context } = new Scene(makeRoot(files), { ...open, jail: works, ...options });
    const planned = planJail("sh", { clearance: "cleared", accepts: ["work"] }, context);
    const hidden = planned.ok ? planned.value.hidden.map(({ path }) => path.slice(context.root.length + 1)) : [];
    expect(hidden.filter((path) => !path.startsWith("/")).sort()).toEqual(["notes", "out"]);
    expect(planned).toMatchObject({ ok: true, value: { readWrite: [] } });
  });
});

test("a command with a credential sees what a public one sees, and writes nothing", () => {
  const root = makeRoot({ "notes/n.md": CANARY, "w/x": "x", "out/o": "o" });
  const options = { localOnlyRead: ["notes/**", "out/**"], localOnlyWrite: ["out/**"] };
  expect(plan(root, options, "credential")).toMatchObject({ readWrite: [], hidden: ["notes", "out"] });
});

test("one listing of a directory is not taken for that of another sight", async () => {
  const root = makeRoot({ "notes/n.md": CANARY, "w/x": "x" });
  const { context } = new Scene(root, { ...open, jail: works, localOnlyRead: ["notes/**"] });
  const hidden = (sight: Sight) => {
    const planned = planJail("sh", sight, context);
    return planned.ok && planned.value.hidden.some(({ path }) => path === join(root, "notes"));
  };
  // A listing is kept once the directory has not changed for a moment.
  await vi.waitFor(() => expect(stampOf(root)).not.toBeNull());
  const seen = [publicSight, { clearance: "cleared", accepts: ["local"] } as const, publicSight].map(hidden);
  expect(seen).toEqual([true, false, true]);
});

test("a jail works where these tests run", () => expect(jail.ok).toBe(true));

describe("settings of a repository that include a local-only file", () => {
  const included = `[alias]\n\t${CANARY} = log\n`;
  const status = async (files: Record<string, string>) => {
    const root = makeRoot({ "w/x": "", ...files });
    execFileSync("git", ["-C", root, "init", "-q"]);
    appendFileSync(join(root, ".git/config"), "[include]\n\tpath = ../notes/n.ini\n");
    const options = { localOnlyRead: ["notes/**"], commands: { git: realpathSync("/usr/bin/git") } };
    const scene = new Scene(root, { ...open, ...options });
    const outcome = await scene.perform({ argv: ["git", "status"] });
    return JSON.stringify([outcome, scene.started]);
  };

  test("say nothing of it to a public git, nor whether it is there", async () => {
    const there = await status({ "notes/n.ini": included });
    expect(there).toContain("a file of it may not be read");
    expect(there).toBe(await status({}));
  });
});
