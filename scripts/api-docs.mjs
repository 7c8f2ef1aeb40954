/**
 * `npm run docs:api` writes the API part of docs/library.md from the doc comments of the sources, so that the page says
 * what the code says. What is exported and what belongs to it stands in `PARTS`; a test holds that against library.ts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(join(root, "packages/vm/package.json"));
const { Parser } = await import(require.resolve("acorn"));
const { tsPlugin } = await import(require.resolve("@sveltejs/acorn-typescript"));

const RUNTIME = "packages/runtime/src";
/** In the order of the page; the first name of an entry is its title. `exported: false`: reached from another. */
const PARTS = [
  { name: "loadPolicy", file: `${RUNTIME}/library.ts` },
  { name: "LoadedPolicy", file: `${RUNTIME}/library.ts` },
  { name: "PolicyError", file: `${RUNTIME}/library.ts` },
  { name: "createRuntime", file: `${RUNTIME}/library.ts` },
  { name: "RuntimeOptions", file: `${RUNTIME}/runtime.ts`, also: `${RUNTIME}/library.ts` },
  { name: "Runtime", file: `${RUNTIME}/runtime.ts` },
  { name: "RunOptions", file: `${RUNTIME}/runtime.ts` },
  { name: "RunReport", file: `${RUNTIME}/report.ts` },
  { name: "RunError", file: `${RUNTIME}/report.ts`, exported: false },
  { name: "CheckReport", file: `${RUNTIME}/report.ts`, exported: false },
  { name: "CallReport", file: "packages/gate/src/ports.ts", exported: false },
  { name: "ConsultedCall", file: "packages/gate/src/errand.ts", exported: false },
  { name: "CallBefore", file: `${RUNTIME}/host-side.ts`, exported: false },
  { name: "CallAfter", file: `${RUNTIME}/host-side.ts`, exported: false },
  { name: "Ticket", file: "packages/approvals/src/ticket.ts" },
  { name: "ApprovalTicket", file: "packages/gate/src/errand.ts", exported: false },
  { name: "Approval", file: `${RUNTIME}/runtime.ts`, exported: false },
  { name: "Decision", file: "packages/policy/src/decision.ts" },
  { name: "defineCapability", file: `${RUNTIME}/define-capability.ts` },
  { name: "CapabilityDefinition", file: `${RUNTIME}/define-capability.ts`, exported: false },
  { name: "EffectContext", file: `${RUNTIME}/define-capability.ts`, exported: false },
  { name: "OwnCapability", file: `${RUNTIME}/define-capability.ts` },
];

const BEGIN = "<!-- api: from doc comments, by `npm run docs:api` -->";
const END = "<!-- /api -->";
export const PAGE = join(root, "docs/library.md");

/** Names that library.ts exports, and names that the page has a part for. */
export function exportedNames() {
  const { tree } = parse(`${RUNTIME}/library.ts`);
  const exports = tree.body.filter(({ type }) => type === "ExportNamedDeclaration");
  const names = exports.flatMap(({ declaration, specifiers }) =>
    declaration ? [nameOf(declaration)] : specifiers.map(({ exported }) => exported.name),
  );
  return {
    exported: names.sort(),
    documented: PARTS.filter(({ exported = true }) => exported)
      .map(({ name }) => name)
      .sort(),
  };
}

/** The page with its API part made anew. */
export function withApi(page) {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start === -1 || end < start) throw new Error(`docs/library.md has no \`${BEGIN}\` … \`${END}\``);
  return `${page.slice(0, start)}${BEGIN}\n\n${PARTS.map(partText).join("\n")}\n${page.slice(end)}`;
}

function partText({ name, file, also, exported = true }) {
  const found = [file, ...(also === undefined ? [] : [also])].map((one) => declarationIn(one, name));
  const [{ node, source }] = found;
  const docs = found.map((one) => one.doc).filter((text) => text !== "");
  if (docs.length === 0 && node.type !== "TSInterfaceDeclaration")
    throw new Error(`${name} in ${file} has no doc comment`);
  const base = node.extends?.map(({ expression }) => `\`${expression.name}\``).join(", ");
  const more = base === undefined || base === "" ? "" : `\nWith the members of ${base}, and:\n`;
  const title = `### \`${name}\`${exported ? "" : " (not exported by name)"}\n`;
  const signature = node.type.includes("Function") ? `\n\`${oneLine(signatureOf(node, source))}\`\n` : "";
  const skipped = also === undefined ? OURS : new Set([...OURS, "audit"]);
  const members = membersOf(node)
    .filter(({ key }) => !skipped.has(key.name))
    .map((member) => memberText(member, source));
  return [
    title,
    signature,
    docs.length === 0 ? "" : `\n${docs.join(" ")}\n`,
    more,
    members.length === 0 ? "" : `\n${members.join("\n")}\n`,
  ].join("");
}

const kept = new Map();

function parse(file) {
  const known = kept.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(join(root, file), "utf8");
  const comments = [];
  const tree = Parser.extend(tsPlugin()).parse(source, {
    ...{ ecmaVersion: "latest", sourceType: "module", locations: true },
    onComment: (isBlock, text, start, end) => {
      if (isBlock && text.startsWith("*")) comments.push({ text, start, end });
    },
  });
  const made = { tree, source, docBefore: (at) => docBefore(comments, source, at) };
  kept.set(file, made);
  return made;
}

function declarationIn(file, name) {
  const { tree, source, docBefore: docOf } = parse(file);
  const found = tree.body.find((one) => one.declaration && nameOf(one.declaration) === name);
  if (found === undefined) throw new Error(`${file} exports no ${name}`);
  return { node: found.declaration, doc: docOf(found.start), source: { text: source, docOf } };
}

const nameOf = ({ id, declarations }) => id?.name ?? declarations?.[0]?.id.name;

/** The doc comment that ends right before. */
function docBefore(comments, source, at) {
  const last = comments.filter(({ end }) => end <= at && source.slice(end, at).trim() === "").at(-1);
  return last === undefined
    ? ""
    : last.text
        .replace(/^\*/, "")
        .replace(/^[ \t]*\* ?/gm, "")
        .replace(/\s+/g, " ")
        .trim();
}

const membersOf = ({ body }) => (Array.isArray(body?.body) ? body.body.filter(isPublic) : []);

/** No private names, no constructors of ours, and no symbols. */
const isPublic = ({ key, kind, accessibility, type, computed }) =>
  !type.startsWith("Static") &&
  key?.type === "Identifier" &&
  !computed &&
  kind !== "constructor" &&
  accessibility !== "private";

/** Between our own parts; where the library says more of a member than the runtime, its words stand above. */
const OURS = new Set(["spare", "plaintextStays"]);

function memberText(member, { text, docOf }) {
  const doc = docOf(member.start);
  return `- \`${oneLine(signatureOf(member, { text }))}\`${doc === "" ? "" : `: ${doc}`}`;
}

/** Without what it does: a function's body, a member's value. */
function signatureOf(node, { text }) {
  const body = node.value?.body ?? (node.body?.type === "BlockStatement" ? node.body : undefined);
  const end = body?.start ?? node.value?.start ?? node.end;
  return text.slice(node.start, end).replace(/[;=]\s*$/, "");
}

const oneLine = (text) =>
  text
    .replace(/\/\*\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/\breadonly /g, "")
    // A default that only the code can name.
    .replace(/ = this\.#\w+/g, "")
    .replace(/^(?:async|export) /, "")
    .replace(/, ?\)/g, ")")
    .replace(/\( /g, "(")
    .trim();

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, withApi(readFileSync(PAGE, "utf8")));
}
