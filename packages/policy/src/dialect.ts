/**
 * Policies of Aegis and Denyx (`version = "1.0.0"`, or none and a text as `inherits`) as documents of our own language.
 * The rule: what comes out never allows what that system denied. Where our meaning is stricter it is kept, where it is
 * wider the entry is narrowed or left out, and each difference is a note at its line, so that nobody has to find out.
 * A key that the dialect does not have stays an error: there it was ignored, and a misspelt denial with it (DEFAULT-NO).
 * What each key becomes stands in dialect/keys.ts.
 */
import { Carrying } from "./dialect/carrying.ts";
import { aboutOf } from "./dialect/context.ts";
import { DIALECT_DEFAULTS, REFERENCE_PRESET } from "./dialect/defaults.ts";
import { DIALECT_KEYS, type Way } from "./dialect/keys.ts";
import { carryTools } from "./dialect/tools.ts";
import { KEYS } from "./keys.ts";
import { type Place, type Problems, type Source, START } from "./problem.ts";
import { found } from "./read-tables.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import type { Node, TableNode } from "./toml.ts";
import type { PolicyProblem } from "./world.ts";

export interface ReadDialect {
  readonly document: TableNode;
  /** What means something else here than there, in file order. */
  readonly notes: readonly PolicyProblem[];
}

export function isDialect(document: TableNode): boolean {
  const version = document.entries.get("version")?.node;
  if (version !== undefined) return version.kind === "string";
  return document.entries.get("inherits")?.node.kind === "string";
}

/** Null where it can not be read; then `problems` says why. */
export function readDialect(document: TableNode, source: Source, problems: Problems): ReadDialect | null {
  const before = problems.count;
  const reader = new DialectReader(document, source, problems);
  reader.readHead();
  for (const [key, field] of document.entries) {
    if (key === "tools" && field.node.kind === "table") carryTools(field.node, reader.carrying);
    else if (key !== "version" && key !== "inherits") reader.read([key], field);
  }
  reader.finish();
  return problems.count > before ? null : { document: reader.carrying.document(), notes: reader.carrying.notes() };
}

interface Field {
  readonly at: Place;
  readonly node: Node;
}

class DialectReader {
  readonly carrying: Carrying;
  readonly #document: TableNode;
  readonly #source: Source;
  readonly #problems: Problems;

  constructor(document: TableNode, source: Source, problems: Problems) {
    this.carrying = new Carrying(source, aboutOf(document));
    this.#document = document;
    this.#source = source;
    this.#problems = problems;
  }

  readHead(): void {
    const version = this.#document.entries.get("version");
    const inherits = this.#document.entries.get("inherits");
    const at = version?.node.at ?? inherits?.node.at ?? START;
    if (version?.node.kind === "string" && !/^1(?:\.\d{1,9}){0,2}$/.test(version.node.value)) {
      const message = `version \`${shown(version.node.value)}\` of the Aegis/Denyx dialect is not known`;
      this.#problems.add(
        this.#source,
        at,
        message,
        'known is `version = "1.0.0"`; policies of ours have `version = 1`',
      );
    }
    this.carrying.put(["version"], version?.at ?? START, { kind: "integer", at, value: 1 });
    this.carrying.note(at, {
      message: "read as a policy of Aegis or Denyx; the notes say what means something else here",
      hint: "`agent-run policy migrate` rewrites it; `version = 1` makes it a policy of ours",
    });
    if (inherits !== undefined) this.#readInherits(inherits);
    else {
      const message = "here the denials of `secure-defaults` hold although nothing is inherited";
      this.carrying.note(at, { message, hint: "an exact entry of an allow list opens one, such as `/home/me/.netrc`" });
    }
  }

  #readInherits({ at, node }: Field): void {
    if (node.kind === "string" && node.value === REFERENCE_PRESET) {
      const names = [REFERENCE_PRESET, DIALECT_DEFAULTS].map(
        (value) => ({ kind: "string", at: node.at, value }) as const,
      );
      this.carrying.put(["inherits"], at, { kind: "array", at: node.at, items: names });
      return;
    }
    const message =
      node.kind === "string"
        ? `the Aegis/Denyx dialect has no preset \`${shown(node.value)}\``
        : `\`inherits\` of the Aegis/Denyx dialect takes a name, not ${found(node)}`;
    this.#problems.add(
      this.#source,
      node.at,
      message,
      `write \`inherits = "${REFERENCE_PRESET}"\`, or begin with \`version = 1\``,
    );
  }

  read(path: readonly string[], field: Field): void {
    const way = wayOf(path);
    if (way !== null) way(this.carrying, path, field.at, field.node);
    else if (isSection(path) && field.node.kind === "table") {
      for (const [key, child] of field.node.entries) this.read([...path, key], child);
    } else this.#refuse(path, field);
  }

  #refuse(path: readonly string[], { at, node }: Field): void {
    const key = path.at(-1) ?? "";
    const place = path.length === 1 ? "" : ` in \`[${path.slice(0, -1).map(shown).join(".")}]\``;
    if (isSection(path)) {
      const hint = `write \`[${path.map(shown).join(".")}]\``;
      this.#problems.add(this.#source, node.at, `\`${shown(key)}\` takes a table, not ${found(node)}`, hint);
      return;
    }
    const known = Object.keys(DIALECT_KEYS).flatMap((one) => siblingOf(one, path));
    const ours = "if it is a key of ours, begin the policy with `version = 1`";
    const hint = Object.hasOwn(KEYS, path.join(".")) ? ours : (didYouMean(key, known) ?? ours);
    this.#problems.add(this.#source, at, `the Aegis/Denyx dialect has no \`${shown(key)}\`${place}`, hint);
  }

  /** What follows from the whole file. */
  finish(): void {
    const { about } = this.carrying;
    const subprocess = this.#document.entries.get("subprocess");
    if (about.hasCommands && !about.saysSandbox && subprocess !== undefined) {
      this.carrying.note(subprocess.at, {
        message:
          "commands run in a jail here, without network, for up to 60 seconds and 4 MiB of output; there they did not",
        hint: 'write `sandbox = "none"` to run them in the open, `timeout_seconds` and `max_output` in a policy with `version = 1`',
      });
    }
    if (!about.saysSeconds) {
      const message = "a run ends after 30 seconds and 10000 calls here; there it did not end by itself";
      this.carrying.note(this.#document.entries.get("runtime")?.at ?? START, {
        message,
        hint: "write `[runtime] max_seconds = 300`",
      });
    }
  }
}

function wayOf(path: readonly string[]): Way | null {
  const exact = path.join(".");
  if (Object.hasOwn(DIALECT_KEYS, exact)) return DIALECT_KEYS[exact] ?? null;
  const named = [...path.slice(0, -1), "NAME"].join(".");
  return path.length > 2 && Object.hasOwn(DIALECT_KEYS, named) ? (DIALECT_KEYS[named] ?? null) : null;
}

const isSection = (path: readonly string[]): boolean =>
  Object.keys(DIALECT_KEYS).some((key) => key.startsWith(`${path.join(".")}.`));

function siblingOf(known: string, path: readonly string[]): readonly string[] {
  const parts = known.split(".");
  return parts.length >= path.length && path.slice(0, -1).every((part, at) => part === parts[at])
    ? [parts[path.length - 1] ?? ""]
    : [];
}
