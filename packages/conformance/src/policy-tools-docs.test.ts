/**
 * docs/policy-tools.md is run: behind `<!-- run -->` each line `$ agent-run ...` is typed in the page's own project, and what it
 * prints is what the page says. `exit code N` stands behind what did not end with 0. UPDATE_DOCS=1 writes what it prints.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

const PAGE = join(ROOT, "docs/policy-tools.md");
const page = readFileSync(PAGE, "utf8");

let place: Workplace;
beforeAll(() => {
  const policy = /```toml\n(# agent-run\.toml\n.*?)```/s.exec(page)?.[1] ?? "";
  const next = policy
    .replace(/^limit .*\n/m, "")
    .replace('"1MB"', '"2MB"')
    .replace('["src/**"]', '["src/**", "docs/**"]');
  place = new Workplace({
    "agent-run.toml": policy,
    "calls.txt": /```text\n(# calls\.txt.*?)```/s.exec(page)?.[1] ?? "",
    "next.toml": next,
    "slip.toml": policy.replace("read_allow", "read_alow").replace("bytes = { le", "bytes = { lte"),
    "wide.toml": policy
      .replace('"out/**"', '"**"')
      .replace(/^(?:when|except|limit) .*\n/gm, "")
      .replace(/\[\[never\]\][\s\S]*$/, ""),
  });
});
afterAll(() => place.remove());

test("its commands print what it says, and end as it says", async () => {
  const fences = [...page.matchAll(/<!-- run -->\n```console\n(.*?)```/gs)];
  expect(fences.length).toBeGreaterThan(5);
  let wanted = page;
  for (const [whole, body = ""] of fences) {
    const typed = [...body.matchAll(/^\$ agent-run (.*)$/gm)].map(([, line = ""]) => line);
    const shown = await Promise.all(typed.map(answerTo));
    wanted = wanted.replace(whole, () => `<!-- run -->\n\`\`\`console\n${shown.join("")}\`\`\``);
  }
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, wanted);
  expect(readFileSync(PAGE, "utf8")).toBe(wanted);
});

async function answerTo(line: string): Promise<string> {
  const { code, stdout, stderr } = await place.run(wordsOf(line));
  const text = `${stdout}${stderr}`
    .replaceAll(place.directory, "/home/me/project")
    .replace(/\b[0-9a-f]{16}\b/g, "HASH");
  return `$ agent-run ${line}\n${text.trimEnd()}\n${code === 0 ? "" : `exit code ${code}\n`}`;
}

/** Words as a shell takes them, with single quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
