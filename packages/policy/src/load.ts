/**
 * Policy text to policy data: the only maker of `PolicyData`. All problems of all files at once, or a policy; never a
 * part of one (DEFAULT-NO). Pure: what is read comes through `PolicyWorld`. Never throws on any text.
 * Finding a policy, trusting it and looking up its commands are others' work.
 */
import { basename, dirname, isAbsolute, join, normalize } from "node:path/posix";
import { checkApprovals } from "./approvals.ts";
import { assemble } from "./assemble.ts";
import { requestOf } from "./call.ts";
import { narrowed } from "./ceiling.ts";
import { missingConsents } from "./ceiling-consent.ts";
import type { PolicyChecks } from "./condition.ts";
import { consentPlaces, knownPlaces } from "./consent-places.ts";
import { checkDeclarations, type Tables } from "./declarations.ts";
import { checkExamples } from "./example.ts";
import { Family, type PolicyFile, presetFile } from "./inherit.ts";
import { checkLocalOnly, doubtfulReleases, openUnderStrict } from "./local-only-checks.ts";
import { declaresLocalOnly } from "./local-only-values.ts";
import type { PathPlaces } from "./path-pattern.ts";
import type { PolicyData } from "./policy-data.ts";
import { type Place, Problems, type Source, START } from "./problem.ts";
import { CONTROL, hasLoneSurrogate, shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import type { PolicyProblem, PolicyWorld } from "./world.ts";

export type LoadResult =
  | {
      readonly ok: true;
      readonly data: PolicyData;
      readonly checks: PolicyChecks;
      /** Of files in another dialect: what means something else here. Shaped as problems; none of them is one. */
      readonly notes: readonly PolicyProblem[];
    }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

export interface LoadOptions {
  /** What relative patterns of the main policy and of presets hang under, instead of the policy's directory. */
  readonly root?: string;
  /** What bounds the policy: each loaded `as` a ceiling. */
  readonly ceilings?: readonly PolicyData[];
  /** It bounds other policies: what it says of local-only values counts whether or not it makes anything local-only. */
  readonly as?: "ceiling";
  /** It is asked and forgotten: nothing is bound to it, so its hashes, which take a third of a load, stay empty. */
  readonly unhashed?: true;
}

/** A text that was read already. Without `realPath` it is no file: it inherits presets only and needs `root`. */
export interface PolicyText {
  /** As the operator named it. */
  readonly path: string;
  readonly realPath?: string;
  /** As `PolicyWorld.readText` gives them. */
  readonly links?: readonly string[];
}

export function loadPolicy(path: string, world: PolicyWorld, options: LoadOptions = {}): LoadResult {
  const read = world.readText(path);
  if (!read.ok) {
    const { reason, near = { text: "", ...START } } = read;
    return refuse({ file: path, text: near.text }, `the policy can not be read: ${reason}`, undefined, near);
  }
  const { text, realPath, links = [] } = read;
  return loadPolicyText(text, { path, realPath, links }, world, options);
}

export function loadPolicyText(
  text: string,
  from: PolicyText,
  world: PolicyWorld,
  options: LoadOptions = {},
): LoadResult {
  const source = { file: from.path, text };
  const directories = from.realPath === undefined ? [] : spellingsOf(dirname(from.realPath), dirname(from.path), world);
  const roots = options.root === undefined ? directories : rootsOf(options.root, world);
  if (roots.length > 0) {
    const paths = from.realPath === undefined ? [] : namesOf(from.realPath, from.path, world);
    const places = { roots, homes: homesOf(world) };
    const { realPath: id = from.path, links = [] } = from;
    return load({ ...source, id, directories, paths, links, places }, world, options);
  }
  return options.root === undefined
    ? refuse(source, "a policy that is not a file needs a root", "name one with `--root`")
    : refuse(source, noDirectory(options.root));
}

/** The policy that applies where there is no file, e.g. `secure-defaults` under a directory. */
export function loadPreset(
  name: string,
  world: PolicyWorld,
  options: LoadOptions & { readonly root: string },
): LoadResult {
  const text = world.presets.get(name);
  const source = { file: `preset:${name}`, text: text ?? "" };
  if (text === undefined)
    return refuse(source, `there is no preset \`${name}\``, didYouMean(name, world.presets.keys()));
  const roots = rootsOf(options.root, world);
  if (roots.length === 0) return refuse(source, noDirectory(options.root));
  return load(presetFile(name, text, { roots, homes: homesOf(world) }), world, options);
}

/** A loaded policy under more ceilings, each loaded `as` one. Problems stand at lines without their text. */
export function boundBy(
  data: PolicyData,
  ceilings: readonly PolicyData[],
  world: Pick<PolicyWorld, "sha256">,
):
  | { readonly ok: true; readonly data: PolicyData }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] } {
  const places = knownPlaces(data);
  const bound = narrowed(data, ceilings, world);
  const open = openUnderStrict(bound);
  const unsafe = open === null ? [] : [{ ...places.scalar("subprocess.sandbox"), ...open }];
  const problems = [...missingConsents(data, ceilings, places), ...unsafe];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, data: bound };
}

function load(main: PolicyFile, world: PolicyWorld, { ceilings = [], as, unhashed }: LoadOptions): LoadResult {
  const problems = new Problems();
  const [root = "/"] = main.places.roots;
  if (CONTROL.test(root) || hasLoneSurrogate(root)) {
    return refuse(
      main,
      "the name of the root directory holds a control character, so no pattern can be relative to it",
    );
  }
  const family = new Family(world, problems, main.places);
  const layer = family.read(main);
  if (layer !== null) checkDeclarations(layer.tables);
  if (layer === null || problems.count > 0) return { ok: false, problems: problems.all() };
  const isCeiling = as === "ceiling";
  const whole = assemble({ main, root, layer, family, world, isCeiling, isUnhashed: unhashed === true });
  const data = narrowed(whole, ceilings, world);
  checkLocalOnly(isCeiling && !declaresLocalOnly(layer) ? { ...data, localOnly: null } : data, layer, problems);
  checkApprovals(layer, whole.approvals, problems);
  checkCalls(layer.tables, whole, world);
  const refused = missingConsents(whole, ceilings, consentPlaces(layer, main));
  if (problems.count + refused.length > 0) return { ok: false, problems: [...problems.all(), ...refused] };
  const warnings = [...data.warnings, ...(isCeiling ? [] : doubtfulReleases(data))];
  return { ok: true, data: { ...data, warnings }, checks: checksOf(layer.tables), notes: family.notes };
}

/** Calls that stand in a policy: what its examples say is so, and its tests can be asked. */
function checkCalls({ rules, tests }: Tables, data: PolicyData, { homes: [home = "/"] }: PolicyWorld): void {
  for (const rule of rules) checkExamples(rule, data, home);
  for (const { table, data: one } of tests) {
    const request = requestOf(one.given.call, data, { home });
    if (!request.ok) table.report(table.placeOf("given"), request.failure.message);
  }
}

const checksOf = ({ tests, nevers }: Tables): PolicyChecks => ({
  tests: tests.map(({ data }) => data),
  nevers: nevers.map(({ data }) => data),
});

/** Real path first; none where there is no such directory. */
function rootsOf(typed: string, world: PolicyWorld): readonly string[] {
  const real = world.realPath(typed);
  return real === null ? [] : spellingsOf(real, typed, world);
}

/** A directory by its real path, and as typed where that is absolute and, without its dot segments, leads there. */
function spellingsOf(real: string, typed: string, world: PolicyWorld): readonly string[] {
  const spelling = plain(typed);
  return isAbsolute(typed) && spelling !== real && world.realPath(spelling) === real ? [real, spelling] : [real];
}

/** A file by its real path, and by the name that was typed: the name may be a link, which must not be replaced either. */
function namesOf(real: string, typed: string, world: PolicyWorld): readonly string[] {
  const directory = world.realPath(dirname(typed));
  const links = directory === null ? [] : [join(directory, basename(typed))];
  return [...new Set([real, ...links, ...(isAbsolute(typed) ? [plain(typed)] : [])])];
}

/** Real and typed spelling of each home; a home that does not exist still has a name to deny. */
function homesOf(world: PolicyWorld): PathPlaces["homes"] {
  const homes = world.homes.filter(isAbsolute);
  return [...new Set(homes.flatMap((home) => spellingsOf(world.realPath(home) ?? plain(home), home, world)))];
}

/** Without dot segments and a `/` at the end. */
const plain = (path: string): string => normalize(path).replace(/(?<=.)\/$/, "");

const noDirectory = (typed: string): string => `the root \`${shown(typed)}\` is not a directory that can be entered`;

function refuse(source: Source, message: string, hint?: string, at: Place = START): LoadResult {
  const problems = new Problems();
  problems.add(source, at, message, hint);
  return { ok: false, problems: problems.all() };
}
