/**
 * `fs.move`: gives a file, link or directory another name. To the policy it is reading and deleting everything that is
 * moved, writing it at its new place, and deleting a file that is overwritten. One rename where one file system holds
 * both places, else a copy and then a delete. Links move as they are; across file systems they are refused.
 */
import { renameSync } from "node:fs";
import { fail, type OperationContext, ok, type Result, type Target } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, Changed, ioFailure, isRefusal } from "./attempt.ts";
import { Copier, intoItself, occupied, parentMissing, treeProblem } from "./copy.ts";
import { removeTree } from "./delete.ts";
import { type Handle, holdChild, release, sameInode } from "./descriptor.ts";
import { under } from "./enumerate.ts";
import { notFound, protection } from "./inspect.ts";
import { fileOperation } from "./operation.ts";
import { type Place, type Placed, placeAt, placePath, placeReal } from "./place.ts";
import { tooLarge } from "./read.ts";
import { pathTarget, pathTargets, typedPath, typedRequest } from "./target.ts";
import { firstOther, holdSurveyed, survey, type Tree, treePaths } from "./tree.ts";

interface Args {
  readonly from: string;
  readonly to: string;
}

interface Plan extends Args {
  readonly source: Place;
  readonly tree: Tree;
  readonly destination: Place;
  readonly overwritten: Handle | null;
}

export const move = fileOperation<Args, Plan>({
  name: "fs.move",
  capabilities: ["fs.write", "fs.read", "fs.delete"],
  parse: (args) => readMembers("fs.move", args, { from: "text", to: "text" }),
  canonicalize({ from, to }, context) {
    const touched = [
      ["read", from],
      ["delete", from],
      ["write", to],
    ] as const;
    return typedRequest("fs.write", touched, context);
  },
  look(args, typed, context, holding) {
    const [from, to] = [typedPath(typed, 0), typedPath(typed, 2)];
    const source = placeAt(from, holding);
    const destination = placeAt(to, holding);
    const ends = endTargets(source, destination, to);
    if (source.kind === "nowhere") return { targets: ends, plan: fail(ioFailure(source.refusal, args.from)) };
    if (source.there === null) return { targets: ends, plan: fail(notFound(args.from)) };
    const tree = survey(source.there, source.place.name, "write", args.from, context, placeReal(source.place));
    if (!tree.ok) return { targets: ends, plan: tree };
    const moved = [...new Set([from, source.real])].flatMap((top) => [...treePaths(tree.value, top)]);
    const made = [...new Set([to, destination.real])].flatMap((top) => [...treePaths(tree.value, top)]);
    const targets = [
      ...ends,
      ...pathTargets("read", moved),
      ...pathTargets("delete", moved),
      ...pathTargets("write", made),
    ];
    return { targets, plan: planOf(args, source.place, source.real, tree.value, destination, context) };
  },
  act(plan, context) {
    const { maxFileBytes } = context.limits;
    const mover = new Copier(maxFileBytes, () => context.randomName());
    const tried = attempt(() => renamed(plan) || copied(plan, mover));
    if (!tried.ok) return fail(ioFailure(tried.refusal, plan.from));
    if (!tried.value) return fail(tooLarge(plan.from, maxFileBytes));
    return ok({ value: null, bytes: mover.bytes });
  },
});

function endTargets(source: Placed, destination: Placed, to: string): Target[] {
  const targets = [
    pathTarget("read", source.real),
    pathTarget("delete", source.real),
    pathTarget("write", destination.real),
  ];
  const overwrites = destination.kind === "place" && destination.there !== null;
  return overwrites ? [...targets, ...pathTargets("delete", [to, destination.real])] : targets;
}

function planOf(
  args: Args,
  source: Place,
  sourceReal: string,
  tree: Tree,
  destination: Placed,
  context: OperationContext,
): Result<Plan> {
  const { from, to } = args;
  if (destination.kind === "nowhere")
    return fail(destination.refusal.code === "ENOENT" ? parentMissing(to) : ioFailure(destination.refusal, to));
  const { place, there } = destination;
  if (there !== null && sameInode(there.stats, tree)) return fail(intoItself(from, to));
  if (tree.kind === "directory" && `${destination.real}/`.startsWith(`${sourceReal}/`))
    return fail(intoItself(from, to));
  if (there !== null && (tree.kind === "directory" || there.stats.isDirectory())) return fail(occupied(to));
  const barred = there === null ? null : protection(there.stats, "write", to, context);
  if (barred !== null) return fail(barred);
  if (place.directory.stats.dev !== tree.dev) {
    const problem = treeProblem(tree, from, context);
    if (problem !== null) return fail(problem);
  }
  return ok({ ...args, source, tree, destination: place, overwritten: there });
}

/** False: the two places are on different file systems. */
function renamed({ source, tree, destination, overwritten }: Plan): boolean {
  release(holdSurveyed(source.directory, source.directoryReal, tree));
  sameAsBefore(destination, overwritten);
  const to = placePath(destination);
  try {
    renameSync(placePath(source), to);
  } catch (error) {
    if (isRefusal(error, "EXDEV")) return false;
    throw error;
  }
  const there = holdChild(destination.directory, destination.name);
  release(there);
  if (!sameInode(there.stats, tree)) throw new Changed();
  placePath(destination);
  return true;
}

/** False: a file grew meanwhile and is too large. Nothing is deleted unless everything was copied. */
function copied({ source, tree, destination, overwritten }: Plan, copier: Copier): boolean {
  // A bind mount has the device of its source, so this may be found out only now.
  if (firstOther(tree, ["file", "directory"]) !== null) throw new Changed();
  const handle = holdSurveyed(source.directory, source.directoryReal, tree);
  try {
    const real = under(source.directoryReal, tree.name);
    if (!copier.copy(handle, real, tree, destination, overwritten === null ? null : overwritten.stats.mode))
      return false;
  } finally {
    release(handle);
  }
  removeTree(source, tree);
  return true;
}

/** What is overwritten is what was decided: nothing, or that very file. */
function sameAsBefore(place: Place, overwritten: Handle | null): void {
  const now = attempt(() => holdChild(place.directory, place.name));
  if (now.ok) release(now.value);
  const same = now.ok ? overwritten !== null && sameInode(now.value.stats, overwritten.stats) : overwritten === null;
  if (!same) throw new Changed();
}
