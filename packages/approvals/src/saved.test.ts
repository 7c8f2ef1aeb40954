import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { revoke, savedAnswers, savedFiles } from "./saved.ts";
import { clock, deskOf, forever, Person, settled, ticket } from "./scene.fixture.ts";
import type { Ticket } from "./ticket.ts";

let directory: string;
beforeEach(() => {
  clock.now = 1_000_000;
  directory = mkdtempSync(join(tmpdir(), "agent-run-saved-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = () => join(directory, "saved/policy-1/agent-run.approved.toml");
const open = { expiresMs: 2_000_000 };

/** Says yes to a ticket, and what another one then gets: `null` if a person is asked. */
async function saved(reply: object = {}, first: Partial<Ticket> = {}): Promise<void> {
  const person = new Person("terminal");
  const answer = deskOf([person], {}, { saved: savedAnswers(directory) }).settle(
    ticket({ ...open, ...first }),
    forever,
  );
  await person.says({ answer: "allow", by: "ann", scope: "save", ...reply });
  await answer;
}

async function answered(more: Partial<Ticket> = {}, settings = {}): Promise<unknown> {
  const person = new Person("terminal");
  const stop = new AbortController();
  const desk = deskOf([person], settings, { saved: savedAnswers(directory) });
  const answer = desk.settle(ticket({ run: "run-9", ...open, ...more }), stop.signal);
  await settled();
  stop.abort();
  return person.asked.length > 0 ? null : answer;
}

test("a saved answer is for the same request in another run, named by its id, in a file for its owner alone", async () => {
  await saved();
  const [one] = savedFiles(directory)[0]?.rules ?? [];
  expect(await answered()).toMatchObject({
    answer: "allow",
    scope: "save",
    by: `saved ${one?.id}, ann`,
    ticket: one?.ticket,
  });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "saved")).mode & 0o777).toBe(0o700);
  expect(one).toMatchObject({ approved: "1970-01-01T00:16:40.000Z", covers: "request", match: ticket().request });
});

test.each<Partial<Ticket>>([
  { requestHash: "hash-b" },
  { content: { as: "written", sha256: "b" } },
  { policyHash: "policy-2" },
  { rule: "other" },
  { layer: "ceiling:/c.toml" },
  { matched: ["requires_approval[0]", "more"] },
  { irreversible: true },
])("but answers nothing else: %j", async (other) => {
  await saved();
  expect(await answered(other)).toBe(null);
});

test("nothing is saved of what cannot be taken back, nor where the policy does not let it", async () => {
  await saved({}, { irreversible: true });
  expect(existsSync(file())).toBe(false);
  await saved();
  expect(await answered({}, { remember: "run" })).toBe(null);
});

test("what was saved is for the content that was shown, in the way that was shown", async () => {
  const content = { as: "written", sha256: "a" } as const;
  await saved({}, { content });
  expect(await answered({ content })).toMatchObject({ answer: "allow" });
  expect(await answered({ content: { ...content, sha256: "b" } })).toBe(null);
  expect(await answered({ content: { ...content, as: "appended" } })).toBe(null);
  expect(await answered()).toBe(null);
  expect(savedFiles(directory)[0]?.rules?.[0]?.content).toBe("written, sha256 a");
});

test("an answer to several calls at once is one rule, so that revoking it leaves nothing", async () => {
  const person = new Person("terminal");
  const desk = deskOf([person], {}, { saved: savedAnswers(directory) });
  const answers = [1, 2, 3].map(() => desk.settle(ticket(open), forever));
  await person.says({ answer: "allow", by: "ann", scope: "save" });
  await Promise.all(answers);
  expect(await answered()).toMatchObject({ answer: "allow" });
  const rules = savedFiles(directory)[0]?.rules ?? [];
  expect(rules).toHaveLength(1);
  revoke(directory, rules[0]?.id ?? "");
  expect(await answered()).toBe(null);
});

test("a yes to a place is for any number of bytes there, and for no other place", async () => {
  const at = (bytes: number, path = "/p/out/a") => {
    const request = JSON.stringify({ attrs: { bytes, path }, labels: [], on: "fs.write", targets: [], v: 1 });
    return { request, requestHash: createHash("sha256").update(request).digest("hex") };
  };
  await saved({ covers: "place" }, at(1));
  expect(await answered(at(99))).toMatchObject({ answer: "allow" });
  expect(await answered({ ...at(99), content: { as: "written", sha256: "b" } })).toMatchObject({ answer: "allow" });
  expect(await answered(at(1, "/p/out/b"))).toBe(null);
  // What is shown is not what is asked: something local-only is not shown.
  expect(await answered({ ...at(1), requestHash: "x" })).toBe(null);
  await saved({ covers: "place" }, { ...at(1), requestHash: "y" });
  expect(savedFiles(directory)[0]?.rules?.map(({ covers }) => covers)).toEqual(["place", "request"]);
});

test("one up to a time answers until then, and is swept away by the next", async () => {
  await saved({ scope: "until", untilMs: 1_000_500 });
  expect(await answered()).toMatchObject({ answer: "allow", untilMs: 1_000_500 });
  clock.now = 1_000_500;
  expect(await answered()).toBe(null);
  await saved({}, { requestHash: "hash-b" });
  expect(savedFiles(directory)[0]?.rules?.length).toBe(1);
});

test("revoked, it answers nothing, and the others stay", async () => {
  await saved();
  await saved({}, { requestHash: "hash-b" });
  const [one, two] = savedFiles(directory)[0]?.rules ?? [];
  expect(revoke(directory, "nothing")).toBe(null);
  expect(revoke(directory, one?.id ?? "")).toEqual(one);
  expect(await answered()).toBe(null);
  expect(await answered({ requestHash: "hash-b" })).toMatchObject({ answer: "allow" });
  revoke(directory, two?.id ?? "");
  expect(existsSync(file())).toBe(false);
});

test("a file that another process changes is waited for, but not for ever, nor where that one died", async () => {
  await saved();
  writeFileSync(`${file()}.lock`, "");
  await saved({}, { requestHash: "hash-b" });
  expect(await answered({ requestHash: "hash-b" })).toBe(null);
  utimesSync(`${file()}.lock`, 0, 0);
  await saved({}, { requestHash: "hash-b" });
  expect(await answered({ requestHash: "hash-b" })).toMatchObject({ answer: "allow" });
  expect(existsSync(`${file()}.lock`)).toBe(false);
});

test("texts of a hostile script are texts in the file, too", async () => {
  const target = 'a"\n[[approved]]\n\u007f\u0000\\ \u202E';
  await saved({ by: 'x"\n]' }, { target });
  expect(savedFiles(directory)[0]?.rules).toMatchObject([{ target, by: 'x" ]' }]);
});

const HARM: readonly [string, (path: string) => void][] = [
  ["that others can write", (path) => chmodSync(path, 0o622)],
  ["below a directory that others can write", (path) => chmodSync(join(path, "../.."), 0o777)],
  [
    "that is a link",
    (path) => {
      renameSync(path, `${path}.x`);
      symlinkSync(`${path}.x`, path);
    },
  ],
  [
    "that is a directory",
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
  ["that says more than is known", (path) => writeFileSync(path, `note = "x"\n${readFileSync(path, "utf8")}`)],
  ["whose rules say more than is known", (path) => writeFileSync(path, `${readFileSync(path, "utf8")}\nnote = "x"\n`)],
  [
    "of another version",
    (path) => writeFileSync(path, readFileSync(path, "utf8").replace("version = 1", "version = 2")),
  ],
  ["of another policy", (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"policy-1"', '"policy-2"'))],
  ["without an author", (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/^by = .*\n/m, ""))],
  [
    "with a wrong time",
    (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/^approved = .*$/m, 'approved = "soon"')),
  ],
  ["that is no TOML", (path) => writeFileSync(path, "[[approved")],
  ["that is huge", (path) => writeFileSync(path, "#".repeat(2 ** 20 + 1))],
];

test.each(HARM)("a file %s answers nothing, and is not written over", async (_title, harm) => {
  await saved();
  expect(await answered()).not.toBe(null);
  harm(file());
  expect(await answered()).toBe(null);
  const before = savedFiles(directory);
  await saved({}, { requestHash: "hash-b" });
  expect(savedFiles(directory)).toEqual(before);
});

test("where nothing can be written, the answer is for its run", async () => {
  writeFileSync(join(directory, "saved"), "a file");
  const person = new Person("terminal");
  const desk = deskOf([person], {}, { saved: savedAnswers(directory) });
  const answer = desk.settle(ticket(open), forever);
  await person.says({ answer: "allow", by: "ann", scope: "save" });
  expect((await answer).scope).toBe("run");
  expect(await desk.settle(ticket(open), forever)).toMatchObject({ answer: "allow", scope: "run" });
});

test("a second name of the file is no way around: it is read by its own", async () => {
  await saved();
  linkSync(file(), join(directory, "again"));
  expect(await answered()).toMatchObject({ answer: "allow" });
});
