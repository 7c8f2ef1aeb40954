/**
 * The files of a policy: the main one and what it inherits, read, compiled and merged into one layer. What this
 * guards: a policy names presets and files beside or below itself only (by real path, so that no link leads elsewhere),
 * a cycle ends in a problem, and every file that takes part is listed with its hash, since trust is given to all.
 */
import { dirname, join } from "node:path/posix";
import { readDeclarations } from "./declarations.ts";
import { DIALECT_DEFAULTS, dialectDefaultsText } from "./dialect/defaults.ts";
import { compileEntry } from "./entry.ts";
import { KEYS } from "./keys.ts";
import { EMPTY_LAYER, joinParents, type Layer, type LayerEntry, mergeFile, type OwnFile } from "./merge.ts";
import type { PathPlaces } from "./path-pattern.ts";
import type { RuleMatch } from "./policy-data.ts";
import type { Problems, Source } from "./problem.ts";
import { type Entry, type FileValues, readDocument } from "./read.ts";
import { secureDefaultsLayer } from "./secure-defaults.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { readToml } from "./toml.ts";
import type { PolicyProblem, PolicyWorld } from "./world.ts";

/** Levels and files; what people review is far below. */
const MAX_DEPTH = 16;
const MAX_FILES = 64;

/** A text that is open for reading, with what its patterns hang under. */
export interface PolicyFile extends Source {
  /** `preset:NAME`, or the real path; what tells two files apart. */
  readonly id: string;
  /** Spellings of its directory, the real one first; none for what comes from no file and inherits presets only. */
  readonly directories: readonly string[];
  /** Spellings of the file itself, for its protection: real path and the (linked) names that led to it. */
  readonly paths: readonly string[];
  /** The links that led to it, of directories too: who replaces one replaces the file. */
  readonly links: readonly string[];
  readonly places: PathPlaces;
}

export class Family {
  /** In the order in which they were opened: the main policy first. */
  readonly files: PolicyFile[] = [];
  /** Every name of every file, for their protection; one file may have several. */
  readonly paths = new Set<string>();
  readonly links = new Set<string>();
  /** Of all files, in the order in which they were opened. */
  readonly notes: PolicyProblem[] = [];
  readonly #layers = new Map<string, Layer | null>();
  readonly #world: PolicyWorld;
  readonly #problems: Problems;
  /** Where presets hang: under the root of the main policy. */
  readonly #places: PathPlaces;

  constructor(world: PolicyWorld, problems: Problems, places: PathPlaces) {
    this.#world = world;
    this.#problems = problems;
    this.#places = places;
  }

  /** Null where anything is wrong; then `problems` says what. */
  read(file: PolicyFile, above: readonly PolicyFile[] = []): Layer | null {
    for (const path of file.paths) this.paths.add(path);
    for (const link of file.links) this.links.add(link);
    const known = this.#layers.get(file.id);
    if (known !== undefined) return known;
    this.files.push(file);
    const layer = secureDefaultsLayer(file) ?? this.#readText(file, above);
    this.#layers.set(file.id, layer);
    return layer;
  }

  #readText(file: PolicyFile, above: readonly PolicyFile[]): Layer | null {
    const document = readToml(file, this.#problems);
    const values = document === null ? null : readDocument(document, file, this.#problems);
    if (values !== null) this.notes.push(...values.notes);
    return values === null ? null : this.#merge(file, values, above);
  }

  #merge(file: PolicyFile, values: FileValues, above: readonly PolicyFile[]): Layer | null {
    const own = this.#compile(file, values);
    const names = values.entries.filter((entry) => entry.key === "inherits");
    const beyond = names[MAX_FILES];
    // Before any is opened: each would be read as often as it is named.
    if (beyond !== undefined) return this.#refuse(beyond, file, `a policy inherits at most ${MAX_FILES} others`);
    const parents = names.map((entry) => this.#inherit(entry, file, above));
    const found = parents.filter((parent) => parent !== null);
    // With a parent missing, every removal would be called idle.
    if (found.length < parents.length) return null;
    return mergeFile(own, found.length === 0 ? EMPTY_LAYER : joinParents(found), this.#problems);
  }

  #compile(file: PolicyFile, values: FileValues): OwnFile {
    const entries: LayerEntry[] = [];
    const removals: Entry[] = [];
    for (const entry of values.entries) {
      if (entry.key === "inherits") continue;
      if (entry.text.startsWith("!") && KEYS[entry.key].merge === "concatenate") {
        removals.push(entry);
        continue;
      }
      if (!this.#problems.allows(file, entry.at, 0)) break;
      const meaning = compileEntry(entry, file.places);
      if (meaning.ok && !this.#problems.allows(file, entry.at, patternsIn(meaning.match) - 1)) break;
      if (meaning.ok) entries.push({ ...entry, source: file, meaning });
      else this.#problems.add(file, entry.at, meaning.message, meaning.hint);
    }
    const scalars = values.scalars.map((scalar) => ({ ...scalar, source: file }));
    const inheritsAny = values.entries.some((entry) => entry.key === "inherits");
    const tables = readDeclarations(values.tables, file.places);
    return { source: file, entries, removals, scalars, tables, inheritsAny };
  }

  #inherit(entry: Entry, from: PolicyFile, above: readonly PolicyFile[]): Layer | null {
    const chain = [...above, from];
    const file = /[/\\]|\.toml$/.test(entry.text) ? this.#openFile(entry, from) : this.#openPreset(entry, from);
    if (file === null) return null;
    if (chain.some((one) => one.id === file.id)) {
      const round = [...chain.slice(chain.findIndex((one) => one.id === file.id)), file].map((one) => one.file);
      return this.#refuse(entry, from, `the policies inherit each other in a circle: ${round.join(" -> ")}`);
    }
    if (chain.length >= MAX_DEPTH || this.files.length >= MAX_FILES) {
      return this.#refuse(entry, from, `more than ${MAX_DEPTH} levels or ${MAX_FILES} files of inherited policies`);
    }
    return this.read(file, chain);
  }

  #openPreset(entry: Entry, from: PolicyFile): PolicyFile | null {
    const { presets } = this.#world;
    const text = presets.get(entry.text) ?? (entry.text === DIALECT_DEFAULTS ? dialectDefaultsText() : undefined);
    if (text !== undefined) return presetFile(entry.text, text, this.#places);
    const known = [...presets.keys()].sort().map((name) => `\`${name}\``);
    const hint = didYouMean(entry.text, presets.keys()) ?? `presets are ${known.join(", ")}; files end in \`.toml\``;
    return this.#refuse(entry, from, `there is no preset \`${shown(entry.text)}\``, hint);
  }

  #openFile(entry: Entry, from: PolicyFile): PolicyFile | null {
    const [directory] = from.directories;
    if (directory === undefined)
      return this.#refuse(entry, from, "a policy that is not a file can inherit presets only");
    const parts = entry.text.split("/");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL and its like never reach the disk
    if (/[\u0000-\u001f\u007f\\]/.test(entry.text) || /^[/~]/.test(entry.text) || parts.includes("..")) {
      return this.#refuse(entry, from, OUTSIDE, "copy it there, or write a preset's name");
    }
    const read = this.#world.readText(join(directory, entry.text));
    if (!read.ok) return this.#refuse(entry, from, `\`${shown(entry.text)}\` can not be read: ${read.reason}`);
    if (!isBelow(read.realPath, directory)) {
      return this.#refuse(entry, from, `${OUTSIDE}; its real path is elsewhere`, "links do not help; copy it there");
    }
    const here = dirname(read.realPath);
    const named = from.directories.map((one) => join(one, entry.text));
    const spellings = named.map(dirname).filter((one) => this.#world.realPath(one) === here);
    const directories = [...new Set([here, ...spellings])];
    return {
      file: join(dirname(from.file), entry.text),
      text: read.text,
      id: read.realPath,
      directories,
      paths: [...new Set([read.realPath, ...named])],
      links: read.links ?? [],
      places: { roots: directories, homes: this.#places.homes },
    };
  }

  #refuse(entry: Entry, from: PolicyFile, message: string, hint?: string): null {
    this.#problems.add(from, entry.at, message, hint);
    return null;
  }
}

const patternsIn = (match: RuleMatch | null): number =>
  match !== null && "patterns" in match ? match.patterns.length : 1;

const OUTSIDE = "an inherited file lies beside or below the policy that names it";

export function presetFile(name: string, text: string, places: PathPlaces): PolicyFile {
  return { file: `preset:${name}`, text, id: `preset:${name}`, directories: [], paths: [], links: [], places };
}

const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(directory === "/" ? "/" : `${directory}/`) && !path.split("/").includes("..");
