/** Every example is run as built: stories against real servers, programs by Node; its README shows what it really prints. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectJail } from "@agent-run/effects";
import { execa } from "execa";
import { expect, test, vi } from "vitest";
import { type Played, play } from "../../../examples/play.mjs";
import { KEYS, STORIES } from "../../../examples/stories.mjs";
import { ROOT } from "./sources.ts";

/** Each has a vault, and settle ticks of a second and more. */
vi.setConfig({ testTimeout: 120_000 });

const read = (story: string, file: string) => readFileSync(join(ROOT, "examples", story, file), "utf8");
/** `git push` runs in a jail, or not at all. */
const playable = Object.keys(STORIES).filter((story) => story !== "git-push" || detectJail().ok);

/** Programs that use the library. */
const PROGRAMS = ["agent-loop", "ai-sdk-tool", "http-handler"];

test.each(PROGRAMS)("%s prints what its README shows", async (program) => {
  const state = mkdtempSync(join(tmpdir(), "agent-run-example-"));
  try {
    const { stdout, stderr } = await execa(process.execPath, [join(ROOT, "examples", program, "main.mjs")], {
      cwd: state,
      env: { XDG_STATE_HOME: state },
    });
    expect(read(program, "README.md"), stderr).toContain(`\`\`\`console\n$ node main.mjs\n${stdout}\n\`\`\`\n`);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});

test("every example but the first, and the one about tests of policies, has a story or is a program", () => {
  const folders = readdirSync(join(ROOT, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(
    ["first-run", "policy-tests", ...PROGRAMS, ...Object.keys(STORIES)].sort(),
  );
});

test.each(playable)("%s does what its expect.json and its README say, and shows no secret", async (story) => {
  const { code, stdout, stderr, happened } = await play(story);
  expect({ code, stdout, happened }, stderr).toEqual(JSON.parse(read(story, "expect.json")) as Partial<Played>);
  expect(read(story, "README.md")).toContain(
    `\`\`\`console\n$ agent-run --policy policy.toml script.js\n${stdout}\`\`\`\n`,
  );
  for (const key of Object.values(KEYS)) expect(stdout + stderr).not.toContain(key);
});
