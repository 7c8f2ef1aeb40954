/**
 * What well-known commands do to the files in their words, besides reading them: a script's command is bounded by its jail,
 * a host's is not, so `rm x` is a deletion and `cp a b` writes `b`. A command that is not here is bounded by its rule alone.
 */
export interface Touched {
  readonly on: "fs.read" | "fs.write" | "fs.delete";
  /** As typed. */
  readonly path: string;
}

interface Shape {
  /** What happens to all operands, and to the last. */
  readonly all?: Touched["on"];
  readonly last?: Touched["on"];
  /** Options that take the next word. */
  readonly values: string;
  /** Operands that are no files, at the beginning. */
  readonly skips?: number;
}

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["rm", { all: "fs.delete", values: "" }],
  ["rmdir", { all: "fs.delete", values: "" }],
  ["unlink", { all: "fs.delete", values: "" }],
  ["shred", { all: "fs.delete", values: "-n -s" }],
  ["touch", { all: "fs.write", values: "-d -t -r" }],
  ["mkdir", { all: "fs.write", values: "-m" }],
  ["mkfifo", { all: "fs.write", values: "-m" }],
  ["mknod", { all: "fs.write", values: "-m" }],
  ["truncate", { all: "fs.write", values: "-s -r" }],
  ["tee", { all: "fs.write", values: "" }],
  ["chmod", { all: "fs.write", values: "", skips: 1 }],
  ["chown", { all: "fs.write", values: "", skips: 1 }],
  ["chgrp", { all: "fs.write", values: "", skips: 1 }],
  ["patch", { all: "fs.write", values: "-p -d -D -V" }],
  ["cp", { last: "fs.write", values: "-S" }],
  ["mv", { all: "fs.delete", last: "fs.write", values: "-S" }],
  ["ln", { last: "fs.write", values: "-S" }],
  ["install", { last: "fs.write", values: "-m -o -g -S" }],
  ["rsync", { last: "fs.write", values: "" }],
  ["scp", { last: "fs.write", values: "-P -i -o -l" }],
  ["gzip", { all: "fs.write", values: "-S" }],
  ["gunzip", { all: "fs.write", values: "-S" }],
  ["bzip2", { all: "fs.write", values: "" }],
  ["xz", { all: "fs.write", values: "" }],
]);

export function touchedFiles(argv: readonly string[], isDirectory: (text: string) => boolean): readonly Touched[] {
  const [name = "", ...words] = argv;
  const program = name.replace(/^.*\//s, "").toLowerCase();
  if (program === "dd")
    return words.flatMap((word) => (word.startsWith("of=") ? [{ on: "fs.write", path: word.slice(3) }] : []));
  const shape = SHAPES.get(program);
  if (shape === undefined) return [];
  const { operands, target } = operandsOf(words, new Set(shape.values.split(" ")));
  const files = operands.slice(shape.skips ?? 0);
  if (shape.last === undefined) return files.map((path) => ({ on: shape.all ?? "fs.write", path }));
  const to = target ?? files[files.length - 1];
  const from = target === null ? files.slice(0, -1) : files;
  if (to === undefined) return [];
  const moved = shape.all === undefined ? [] : from.map((path) => ({ on: shape.all ?? "fs.delete", path }));
  // With one operand a link is made here, by the same name.
  if (from.length === 0) return [{ on: shape.last, path: baseName(to) }];
  const places = isDirectory(to) ? from.map((path) => `${to}/${baseName(path)}`) : [to];
  return [...moved, ...places.map((path) => ({ on: shape.last ?? "fs.write", path }))];
}

const baseName = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//s, "");

/** `target`: of `-t DIR` and `--target-directory`. */
function operandsOf(
  words: readonly string[],
  values: ReadonlySet<string>,
): { readonly operands: readonly string[]; readonly target: string | null } {
  const operands: string[] = [];
  let target: string | null = null;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const glued = /^(?:-[A-Za-z]*t|--t[a-z-]*=)(.+)$/s.exec(word)?.[1];
    if (word === "--") {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") operands.push(word);
    else if (values.has(word)) at++;
    else if (/^(?:-[A-Za-z]*t|--t[a-z-]*)$/.test(word)) target = words[++at] ?? null;
    else if (glued !== undefined) target = glued;
  }
  return { operands, target };
}
