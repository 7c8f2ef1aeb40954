/** Settings files as people write them: any layout, comments, trailing commas, line ends. */
import fc from "fast-check";
import type { Setting } from "./host.ts";

export const setting = (more: Partial<Setting> = {}): Setting => ({
  scope: "project",
  project: "/work/pro ject",
  home: "/home/me",
  node: "/usr/bin/node",
  command: "/opt/it's/agent-run.cjs",
  policy: "/work/pro ject/agent-run.toml",
  environment: {},
  platform: "linux",
  ...more,
});

type Tree = { readonly tag: "leaf"; readonly text: string } | { readonly tag: "list"; readonly items: Tree[] } | Table;
type Table = { readonly tag: "table"; readonly members: [string, Tree][] };

const leaf = fc
  .oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("WebFetch", "WebSearch", "mcp__agent-run", "// x", "}"),
  )
  .map((value): Tree => ({ tag: "leaf", text: JSON.stringify(value) }));

const listOf = (item: fc.Arbitrary<Tree>) =>
  fc.array(item, { maxLength: 4 }).map((items): Tree => ({ tag: "list", items }));

const tableOf = (value: fc.Arbitrary<Tree>, keys: fc.Arbitrary<string>) =>
  fc
    .uniqueArray(fc.tuple(keys, value), { selector: ([key]) => key, maxLength: 4 })
    .map((members): Table => ({ tag: "table", members }));

const any = fc.oneof(leaf, listOf(leaf), tableOf(leaf, fc.string()));
const words = (...names: string[]) => fc.oneof(fc.constantFrom(...names), fc.string({ minLength: 1 }));

/** Members that hosts know have the shape that they want, so that our entries go beside and into what is there. */
const settings = fc
  .record(
    {
      mcpServers: tableOf(any, words("github", "files")),
      servers: tableOf(any, words("github", "files")),
      mcp: tableOf(any, words("github", "files")),
      hooks: fc
        .option(listOf(tableOf(any, words("matcher"))), { nil: undefined })
        .map((list): Table => ({ tag: "table", members: list === undefined ? [] : [["PreToolUse", list]] })),
      permissions: fc
        .record({ allow: listOf(leaf), deny: listOf(leaf) }, { requiredKeys: [] })
        .map((lists): Table => ({ tag: "table", members: Object.entries(lists) })),
      permission: tableOf(leaf, words("bash", "edit")),
      $schema: leaf,
      theme: any,
    },
    { requiredKeys: [] },
  )
  .chain((members) => fc.shuffledSubarray(Object.entries(members)))
  .map((members): Table => ({ tag: "table", members }));

/** Blanks and comments between two tokens. */
const gap = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("", " ", "\n", "\n  ", "\n\t", "  \n    ") },
  { weight: 1, arbitrary: fc.constantFrom(" // c, }\n", "/* a, ] */", " /* a\n b */ ", "// \u{1F600}\n\n") },
);

/** Plain, as a program prints it, and as nobody would. */
export const jsonText: fc.Arbitrary<string> = fc
  .tuple(
    settings,
    fc.infiniteStream(gap),
    fc.infiniteStream(fc.boolean()),
    fc.constantFrom("printed", "plain", "wild"),
    fc.boolean(),
    fc.constantFrom("", "\n", "\n\n"),
    fc.boolean(),
  )
  .map(([tree, gaps, commas, layout, crlf, end, mark]) => {
    const next = () => (layout === "wild" ? String(gaps.next().value) : "");
    const wild = render(tree, next, () => layout === "wild" && commas.next().value === true);
    const text = layout === "printed" ? JSON.stringify(JSON.parse(wild), null, 2) : wild;
    return (mark ? "\uFEFF" : "") + (crlf ? text.replaceAll("\n", "\r\n") : text) + end;
  });

function render(tree: Tree, next: () => string, comma: () => boolean): string {
  if (tree.tag === "leaf") return tree.text;
  const entries =
    tree.tag === "list"
      ? tree.items.map((item) => render(item, next, comma))
      : tree.members.map(([key, value]) => `${JSON.stringify(key)}${next()}:${next()}${render(value, next, comma)}`);
  const body =
    entries.map((entry) => next() + entry + next()).join(",") + (entries.length > 0 && comma() ? `,${next()}` : next());
  return tree.tag === "list" ? `[${body}]` : `{${body}}`;
}

const tomlLine = fc.constantFrom(
  "",
  "# a comment",
  'model = "x" # why',
  "sandbox_mode = 'read-only'",
  "[features]",
  "hooks = true",
  "[mcp_servers.github] # theirs",
  'args = [ "a", # one\n  "b",\n]',
  'text = """\n# <<< agent-run\n"""',
  '[projects."/a b"]',
  "[[profile]]",
  "[mcp_servers]",
);

/** Whatever of these lines is a text in TOML; the caller leaves out what is none. */
export const tomlText: fc.Arbitrary<string> = fc
  .tuple(fc.array(tomlLine, { maxLength: 8 }), fc.boolean(), fc.constantFrom("", "\n", "\n\n"))
  .map(([lines, crlf, end]) => (lines.join("\n") + end).replaceAll("\n", crlf ? "\r\n" : "\n"));
