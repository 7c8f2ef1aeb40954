/**
 * Policy text to policy data: the only maker of `PolicyData`. All problems of all files at once, or a policy; never a
 * part of one (DEFAULT-NO). Pure: what is read comes through `PolicyWorld`. Never throws on any text.
 * Finding a policy, trusting it and looking up its commands are others' work.
 */
import { dirname, isAbsolute, normalize } from "node:path/posix";
import { assemble } from "./assemble.ts";
import { Family, type PolicyFile, presetFile } from "./inherit.ts";
import type { PathPlaces } from "./path-pattern.ts";
import type { PolicyData } from "./policy-data.ts";
import { Problems, type Source, START } from "./problem.ts";
import { CONTROL, hasLoneSurrogate } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import type { PolicyProblem, PolicyWorld } from "./world.ts";

export type LoadResult =
  | { readonly ok: true; readonly data: PolicyData }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

export interface LoadOptions {
  /** What relative patterns of the main policy and of presets hang under, instead of the policy's directory. */
  readonly root?: string;
}

/** A text that was read already. Without `realPath` it is no file: it inherits presets only and needs `root`. */
export interface PolicyText {
  /** As the operator named it. */
  readonly path: string;
  readonly realPath?: string;
}

export function loadPolicy(path: string, world: PolicyWorld, options: LoadOptions = {}): LoadResult {
  const read = world.readText(path);
  if (!read.ok) return refuse({ file: path, text: "" }, `the policy can not be read: ${read.reason}`);
  return loadPolicyText(read.text, { path, realPath: read.realPath }, world, options);
}

export function loadPolicyText(
  text: string,
  from: PolicyText,
  world: PolicyWorld,
  options: LoadOptions = {},
): LoadResult {
  const source = { file: from.path, text };
  const directory = from.realPath === undefined ? null : dirname(from.realPath);
  const typed = options.root ?? directory;
  if (typed === null) return refuse(source, "a policy that is not a file needs a root", "name one with `--root`");
  const root = options.root === undefined ? directory : world.realPath(options.root);
  if (root === null) return refuse(source, `the root \`${typed}\` is not a directory that can be entered`);
  const spelled = options.root ?? dirname(from.path);
  const roots = isAbsolute(spelled) && world.realPath(spelled) === root ? [root, plain(spelled)] : [root];
  const places = { roots: [...new Set(roots)], homes: homesOf(world) };
  return load({ ...source, id: from.realPath ?? from.path, directory, places }, from, root, world);
}

/** The policy that applies where there is no file, e.g. `secure-defaults` under a directory. */
export function loadPreset(name: string, world: PolicyWorld, options: { readonly root: string }): LoadResult {
  const text = world.presets.get(name);
  const source = { file: `preset:${name}`, text: text ?? "" };
  if (text === undefined)
    return refuse(source, `there is no preset \`${name}\``, didYouMean(name, world.presets.keys()));
  const root = world.realPath(options.root);
  if (root === null) return refuse(source, `the root \`${options.root}\` is not a directory that can be entered`);
  const roots = isAbsolute(options.root) ? [root, plain(options.root)] : [root];
  const places = { roots: [...new Set(roots)], homes: homesOf(world) };
  return load(presetFile(name, text, places), { path: source.file }, root, world);
}

function load(main: PolicyFile, from: PolicyText, root: string, world: PolicyWorld): LoadResult {
  const problems = new Problems();
  if (CONTROL.test(root) || hasLoneSurrogate(root)) {
    return refuse(main, "the name of the root directory holds a control character, so no pattern can hang under it");
  }
  const family = new Family(world, problems, main.places);
  const layer = family.read(main);
  if (layer === null || problems.count > 0) return { ok: false, problems: problems.all() };
  return { ok: true, data: assemble({ main, from, root, layer, files: family.files, world }) };
}

/** Typed and real spelling of each home. */
function homesOf(world: PolicyWorld): PathPlaces["homes"] {
  const homes = world.homes.flatMap((home) => [home, world.realPath(home)]);
  return [...new Set(homes.filter((home) => home !== null && isAbsolute(home)).map((home) => plain(String(home))))];
}

/** Without dot segments and a `/` at the end. */
const plain = (path: string): string => normalize(path).replace(/(?<=.)\/$/, "");

function refuse(source: Source, message: string, hint?: string): LoadResult {
  const problems = new Problems();
  problems.add(source, START, message, hint);
  return { ok: false, problems: problems.all() };
}
