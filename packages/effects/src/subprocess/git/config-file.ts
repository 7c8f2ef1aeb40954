/**
 * Reads a git configuration file as git does (config.c), to know which programs it would start. Where git would stop
 * with an error, or could read the text in another way than we do (NUL), nothing is returned and git is not run: a
 * parser that guesses here is a way past the check.
 */

export interface ConfigEntry {
  /** `core.fsmonitor`, `diff.NAME.command`: section and variable in lower case, the name between them as written. */
  readonly key: string;
  /** Null: a bare variable, which means true. */
  readonly value: string | null;
}

/** Null: not a file that git would take. */
export function parseConfig(bytes: Buffer): readonly ConfigEntry[] | null {
  // One character a byte: git knows no encoding. It ends C strings at NUL, so that names would be cut where we read on.
  const text = bytes.toString("latin1");
  if (text.includes("\0")) return null;
  try {
    return new Reader(text.startsWith("\u00ef\u00bb\u00bf") ? text.slice(3) : text).entries();
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

class Malformed extends Error {}

const END = "";

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  entries(): readonly ConfigEntry[] {
    const entries: ConfigEntry[] = [];
    let section = "";
    for (let c = this.#next(); c !== END; c = this.#next()) {
      if (isSpace(c)) continue;
      if (c === "#" || c === ";") this.#skipLine();
      else if (c === "[") section = `${this.#section()}.`;
      else if (/[A-Za-z]/.test(c)) entries.push(this.#entry(section, c));
      else throw new Malformed();
    }
    return entries;
  }

  /** The next character; `\r\n` is one line end. */
  #next(): string {
    const c = this.#text.charAt(this.#at);
    this.#at += 1;
    if (c === "\r" && this.#text.charAt(this.#at) === "\n") return this.#next();
    return c;
  }

  #skipLine(): void {
    for (let c = this.#next(); c !== END && c !== "\n"; ) c = this.#next();
  }

  #section(): string {
    let name = "";
    for (let c = this.#next(); c !== "]"; c = this.#next()) {
      if (isSpace(c)) return this.#subsection(name, c);
      if (!/[A-Za-z0-9.-]/.test(c)) throw new Malformed();
      name += c.toLowerCase();
    }
    if (name === "") throw new Malformed();
    return name;
  }

  #subsection(section: string, space: string): string {
    let c = space;
    while (isSpace(c)) {
      if (c === "\n") throw new Malformed();
      c = this.#next();
    }
    if (c !== '"') throw new Malformed();
    let name = "";
    for (c = this.#next(); c !== '"'; c = this.#next()) {
      if (c === "\\") c = this.#next();
      if (c === "\n" || c === END) throw new Malformed();
      name += c;
    }
    if (this.#next() !== "]") throw new Malformed();
    return `${section}.${name}`;
  }

  #entry(section: string, first: string): ConfigEntry {
    let name = first;
    let c = this.#next();
    for (; c !== END && /[A-Za-z0-9-]/.test(c); c = this.#next()) name += c;
    while (c === " " || c === "\t") c = this.#next();
    const key = section + name.toLowerCase();
    if (c === "\n" || c === END) return { key, value: null };
    if (c !== "=") throw new Malformed();
    return { key, value: this.#value() };
  }

  #value(): string {
    let value = "";
    let spaces = "";
    let quoted = false;
    for (let c = this.#next(); ; c = this.#next()) {
      if (c === "\n" || c === END) {
        if (quoted) throw new Malformed();
        return value;
      }
      if (!quoted && isSpace(c)) {
        if (value !== "") spaces += c;
        continue;
      }
      if (!quoted && (c === "#" || c === ";")) {
        this.#skipLine();
        return value;
      }
      value += spaces;
      spaces = "";
      if (c === '"') quoted = !quoted;
      else value += c === "\\" ? this.#escaped() : c;
    }
  }

  /** What stands for a backslash and the character after it; a line end continues the line. */
  #escaped(): string {
    const c = this.#next();
    const meant = ESCAPES.get(c);
    if (meant === undefined) throw new Malformed();
    return meant;
  }
}

const ESCAPES = new Map([
  ["\n", ""],
  [END, ""],
  ["t", "\t"],
  ["n", "\n"],
  ["b", "\b"],
  ["\\", "\\"],
  ['"', '"'],
]);

const isSpace = (c: string): boolean => c === " " || c === "\t" || c === "\n" || c === "\r";
