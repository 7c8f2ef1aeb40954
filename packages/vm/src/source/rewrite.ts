import type { AnyNode, Program as Tree } from "acorn";
import { BRANCH_GUARD, type GuardEdits } from "./guard.ts";
import { builtinModule } from "./modules.ts";
import { literalString } from "./origin.ts";
import { blanked } from "./overlay.ts";
import { importedName } from "./pattern.ts";
import type { Finder } from "./scope.ts";

/**
 * A parsed script to the text that the engine runs: global code whose value is an async function. The user's text stays
 * in its lines; what has to be changed inside it is a list of edits, through which positions of run-time errors are
 * taken back (original-position.ts). CHECKED-IS-USED: the engine reads the text as a script, not as a module, so the one token
 * sequence that means something else there (`<!--` opens a comment) is taken apart.
 */
export interface Edit {
  /** Offset in the text before the edits. */
  readonly offset: number;
  /** How many UTF-16 units go. */
  readonly removed: number;
  readonly inserted: string;
}

export interface Rewritten {
  readonly code: string;
  /** Length of what stands before the user's text on the first line of `code`. */
  readonly firstLineOffset: number;
  readonly edits: readonly Edit[];
  /** Built-in modules that are imported, by bare name, sorted. */
  readonly imports: readonly string[];
}

/** `guard`: gives the edits around conditions when every node was visited; null for none. */
export function rewriter(tree: Tree, text: string, guard: (() => GuardEdits) | null): Finder<Rewritten> {
  const edits: Edit[] = [];
  // Bound before the script's first line, so that it cannot be taken away.
  const bindings: string[] = guard === null ? [] : [`const { ${BRANCH_GUARD} } = globalThis;`];
  const imports = new Set<string>();
  const importer = text.includes("import") ? freeName(text) : "";
  let imported = "";
  return {
    visit: ({ node }) => {
      if (node.type === "ImportDeclaration" || node.type === "ImportExpression") {
        const module = builtinModule(literalString(node.source));
        if (module !== null) imports.add(module);
      }
      if (node.type === "ImportDeclaration") {
        const inserted = emptied(text.slice(node.start, node.end));
        bindings.push(...bindingsOf(node));
        edits.push({ offset: node.start, removed: node.end - node.start, inserted });
      } else if (node.type === "ImportExpression") {
        if (imported === "") bindings.push(importFunction(importer));
        imported = importer;
        edits.push({ offset: node.start, removed: "import".length, inserted: importer });
      } else if (node.type === "BinaryExpression" && text.startsWith("<!--", node.right.start - 1)) {
        edits.push({ offset: node.right.start, removed: 0, inserted: " " });
      }
    },
    found: () => {
      const { openings, closings } = guard?.() ?? UNGUARDED;
      // In one place, what closes stands before what opens, and both before what is replaced there.
      const all = [...closings, ...finalValue(tree, text), ...openings, ...edits].sort((a, b) => a.offset - b.offset);
      return { ...wrapped(applied(text, all), bindings), edits: all, imports: [...imports].sort() };
    },
  };
}

const UNGUARDED: GuardEdits = { openings: [], closings: [] };

/**
 * The function around the text. What imports bind stands outside of it, so that it is there before the first line, and
 * a script's own `require` is not in its way.
 */
function wrapped(
  body: string,
  bindings: readonly string[],
): { readonly code: string; readonly firstLineOffset: number } {
  const plain = bindings.length === 0;
  const before = plain
    ? '(async () => { "use strict"; '
    : `(() => { "use strict"; ${bindings.join(" ")} return async () => { `;
  return { code: `${before}${body}\n${plain ? "})" : "}; })()"}`, firstLineOffset: before.length };
}

function applied(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { offset, removed, inserted } of edits) {
    pieces.push(text.slice(done, offset), inserted);
    done = offset + removed;
  }
  pieces.push(text.slice(done));
  return pieces.join("");
}

/** Spaces, but for a `;` that keeps the lines before and after apart. */
const emptied = (text: string): string => `;${blanked(text.slice(1))}`;

/** `import fs, { readFileSync as read } from "fs"` as constants. */
function bindingsOf(node: Extract<AnyNode, { type: "ImportDeclaration" }>): readonly string[] {
  const required = `require(${JSON.stringify(builtinModule(node.source.value) ?? "")})`;
  return node.specifiers.map((specifier) => {
    const name = importedName(specifier);
    const local = specifier.local.name;
    if (name === "*" || name === "default") return `const ${local} = ${required};`;
    return `const { ${JSON.stringify(name)}: ${local} } = ${required};`;
  });
}

/** What `import(name)` becomes; a module of ours has itself as `default`. */
const importFunction = (name: string): string => `const ${name} = async (name) => require(name);`;

/** A name as long as `import` that the text does not contain, so that columns stay. */
function freeName(text: string): string {
  const taken = new Set(text.match(/\$\$[\da-z]{4}/g));
  let number = 0;
  while (taken.has(importName(number))) number++;
  return importName(number);
}

const importName = (number: number): string => `$$${number.toString(36).padStart(4, "0")}`;

/** The value of a run without `return`: that of a final expression statement. A text as the first one is a value, too. */
function finalValue(tree: Tree, text: string): readonly Edit[] {
  const last = tree.body.findLast(({ type }) => type !== "EmptyStatement");
  if (last?.type !== "ExpressionStatement" || last.directive === "use strict") return [];
  const end = text[last.end - 1] === ";" ? last.end - 1 : last.end;
  return [
    { offset: last.start, removed: 0, inserted: "return (" },
    { offset: end, removed: 0, inserted: ")" },
  ];
}
