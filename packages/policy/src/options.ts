/**
 * What is known about the options of common programs, so that `push --force` also means `push -f`, `push +main` and
 * `-uf`, and `log -Sforce` does not. Only exact knowledge stands here, from the manuals; about a program that is not
 * here, `argv.ts` assumes what makes a denial match.
 */

/** Options of one program or subcommand. */
export interface Options {
  /** Short options that take a value: what follows them in the same word is the value, not more options. */
  readonly values?: string;
  /** Pairs `f=force`: two spellings of one option. */
  readonly pairs?: string;
}

/** Where nothing better is known about an option: the letters that nearly every program gives it. */
const USUAL =
  "f=force r=recursive R=recursive y=yes y=assume-yes a=all d=delete o=output i=interactive g=global n=dry-run";

/** By program, or by program and subcommand. */
const KNOWN = table<Options>({
  "git add": { pairs: "f=force A=all" },
  "git archive": { values: "o", pairs: "o=output" },
  "git branch": { values: "u", pairs: "f=force d=delete m=move" },
  "git checkout": { values: "bB", pairs: "f=force f=discard-changes" },
  "git clean": { values: "e", pairs: "f=force n=dry-run i=interactive" },
  "git clone": { values: "bcjou", pairs: "c=config u=upload-pack" },
  "git commit": { values: "mFcCtSu", pairs: "a=all m=message n=no-verify" },
  "git diff": { values: "SGOUlMCB", pairs: "" },
  "git fetch": { values: "jo", pairs: "f=force p=prune" },
  "git format-patch": { values: "nvo", pairs: "o=output-directory" },
  "git grep": { values: "efABCmO", pairs: "O=open-files-in-pager" },
  "git log": { values: "SGnLOUlMCB", pairs: "" },
  "git ls-remote": { values: "o", pairs: "" },
  "git merge": { values: "msXFS", pairs: "" },
  "git pull": { values: "sXjSo", pairs: "f=force" },
  "git push": { values: "o", pairs: "f=force d=delete n=dry-run" },
  "git rebase": { values: "xXsCS", pairs: "i=interactive x=exec f=force-rebase" },
  "git reset": { values: "", pairs: "" },
  "git rm": { values: "", pairs: "f=force" },
  "git show": { values: "SGnLOUlMCB", pairs: "" },
  "git switch": { values: "cC", pairs: "f=force f=discard-changes c=create C=force-create" },
  "git tag": { values: "mFu", pairs: "d=delete f=force" },
  "git worktree": { values: "bB", pairs: "f=force" },
  bun: { pairs: `${USUAL} e=eval p=print` },
  curl: {
    values: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
    pairs: "o=output K=config c=cookie-jar D=dump-header f=fail X=request d=data H=header T=upload-file u=user",
  },
  docker: { values: "", pairs: "f=force a=all v=volumes" },
  fd: { values: "dEetSjcxXo", pairs: "x=exec X=exec-batch" },
  grep: { values: "ABCDdefm", pairs: "f=file r=recursive" },
  kubectl: { values: "nflco", pairs: "f=filename A=all-namespaces n=namespace" },
  less: { values: "bhjkoOpPtTxyzD", pairs: "o=log-file O=LOG-FILE" },
  make: { values: "CfIjloW", pairs: "f=file" },
  man: { values: "CEHILMmNPRrSTXZ", pairs: "P=pager C=config-file H=html" },
  node: { pairs: `${USUAL} e=eval p=print` },
  npm: { values: "Cw", pairs: "g=global f=force D=save-dev" },
  rg: { values: "ABCdEefgjMmrtT", pairs: "z=search-zip f=file" },
  rm: { values: "", pairs: "r=recursive R=recursive f=force" },
  rsync: { values: "efMTB", pairs: "e=rsh r=recursive n=dry-run" },
  scp: { values: "cDFiJloPSX" },
  sed: { values: "efl", pairs: "i=in-place e=expression f=file s=separate" },
  sftp: { values: "BbcDFiJloPRSsX" },
  sort: { values: "kotST", pairs: "o=output" },
  ssh: { values: "BbcDEeFIiJLlmOopQRSWw" },
  tail: { values: "cns", pairs: "f=follow" },
  tar: { values: "bCFfgHIKLNTVX", pairs: "I=use-compress-program F=info-script F=new-volume-script P=absolute-names" },
  tree: { values: "LPIo" },
  wget: {
    values: "aABDeiIloOPQRtTUwX",
    pairs: "O=output-document o=output-file a=append-output e=execute P=directory-prefix",
  },
  zip: { values: "bint" },
});

/** Programs whose options are words behind a single `-`, so that letters are never combined. */
const SINGLE_DASH = names(
  "find gfind java javac go terraform openssl ffmpeg gcc g++ clang clang++ cc c++ sqlite3 magick convert",
);

/** Programs that read more arguments from `@file`. */
const RESPONSE_FILES = names(
  "gcc g++ cc c++ clang clang++ ld ar java javac jar javadoc rustc kotlinc scalac dotnet csc swiftc ghc",
);

/** Programs that take a beginning of a subcommand for the subcommand. */
const SHORT_SUBCOMMANDS = names("npm hg ip gem bundle nmcli tc svn");

/** Beginnings that are subcommands of their own: `npm t` is a test, not a token. */
const OWN_SUBCOMMANDS = table<ReadonlySet<string>>({
  npm: names("a c i ic in it la ll ln ls r rb rm run s se sit start stop t test tst un up v why x"),
});

/**
 * Interpreters stop reading options at the name of the script: what follows is the script's. `own`: options in which
 * only the interpreter's are meant, so that `python build.py -c debug` is no `python -c`. `values` as in `Options`, up to
 * the script. `ends`: letters that name the script themselves (`python -m pytest`).
 */
interface Interpreter {
  readonly own: ReadonlySet<string>;
  readonly values: string;
  readonly ends: string;
}

/** By program, without its version. `node inspect` hands its words to another node, so its options are all meant. */
const INTERPRETERS = table<Interpreter>({
  python: { own: names("-c"), values: "cmWXQ", ends: "m" },
  pypy: { own: names("-c"), values: "cmWXQ", ends: "m" },
  node: { own: names("-e -p --eval --print --import --loader --experimental-loader"), values: "", ends: "" },
  ruby: { own: names("-e"), values: "CEFIXeirx", ends: "" },
});

/** Programs that take camel-case beginnings for a task (`gradle pTML`) and have it at the end of a path (`:app:publish`). */
const CAMEL_TASKS = names("gradle gradlew");

/** Exact options that are the beginning of a dangerous one but mean something else. */
const OTHER_MEANING = names("--text");

/** Subcommands that do the same; a phrase is the subcommand and the word after it. */
const SAME_SUBCOMMAND = table<readonly string[]>({
  "git push": ["send-pack", "http-push", "subtree push", "lfs push"],
  "npm install": ["i", "add", "isntall", "it", "ci"],
  "npm uninstall": ["un", "unlink", "remove", "rm", "r"],
  "npm run": ["run-script", "rum", "urn"],
  "npm exec": ["x"],
  "npm owner": ["author"],
  "npm adduser": ["add-user"],
  "npm dist-tag": ["dist-tags"],
  "cargo build": ["b"],
  "cargo run": ["r"],
  "svn commit": ["ci"],
  "hg commit": ["ci"],
});

/** Programs of which the first word that is no option is the subcommand, with the options before it that take a value. */
const GLOBAL_VALUES = table<ReadonlySet<string>>({
  git: names("-C -c --git-dir --work-tree --namespace --super-prefix --config-env --attr-source --shallow-file"),
});

/** Other ways of writing an option of a subcommand. Each inner list must be there as a whole. */
const SAME_OPTION = table<readonly (readonly string[])[]>({
  // A `+` before a refspec forces it, an empty source deletes, `--mirror` does both.
  "git push --force": [["--force-with-lease"], ["--force-if-includes"], ["--mirror"], ["+*"]],
  "git push --force-with-lease": [["--force"], ["-f"], ["--mirror"], ["+*"]],
  "git push --delete": [["--mirror"], ["--prune"], [":*"]],
  "git fetch --force": [["+*"]],
  "git pull --force": [["+*"]],
  "git branch -D": [["-d", "-f"]],
  "git branch -M": [["-m", "-f"]],
  "git branch -d": [["-D"]],
  "git branch --delete": [["-D"]],
  "npm --global": [["--location=global"]],
});

const optionsOf = (program: string, subcommand: string | null): Options | undefined =>
  KNOWN.get(`${program} ${subcommand}`) ?? KNOWN.get(program);

/** Short options that swallow what follows them in their word; none where the program is not known. */
export const shortValues = (program: string, subcommand: string | null): string =>
  optionsOf(program, subcommand)?.values ?? "";

/** Every way to write one option, the given one first. */
export function spellings(option: string, program: string, subcommand: string | null): readonly string[] {
  const pairs = optionsOf(program, subcommand)?.pairs ?? USUAL;
  const known = SPELLINGS.get(pairs) ?? new Map<string, readonly string[]>();
  SPELLINGS.set(pairs, known);
  const found = known.get(option) ?? spelled(option, pairs);
  if (known.size < MAX_SPELLINGS) known.set(option, found);
  return found;
}

/** By the pairs of a program: options of tables and policies, which come back at every call. */
const SPELLINGS = new Map<string, Map<string, readonly string[]>>();
const MAX_SPELLINGS = 1024;

function spelled(option: string, written: string): readonly string[] {
  const pairs = written.split(" ").filter((pair) => pair !== "");
  const found = new Set([option]);
  // Pairs chain (`-f`, `--force`, `--discard-changes`); two rounds reach everything, as every chain goes over a letter.
  for (let round = 0; round < 2; round++) {
    for (const pair of pairs) {
      const [short, long] = [`-${pair.slice(0, 1)}`, `--${pair.slice(2)}`];
      if (found.has(short)) found.add(long);
      else if (found.has(long)) found.add(short);
    }
  }
  return [...found];
}

/**
 * Other ways to the same effect: lists of options or words that must all be there. `meant`: the subcommand by the name
 * that the pattern has for it, as `git send-pack` forces in the way of `git push`.
 */
export function detours(options: readonly string[], program: string, subcommand: string | null, meant: string | null) {
  return options.flatMap(
    (one) =>
      SAME_OPTION.get(`${program} ${subcommand} ${one}`) ??
      SAME_OPTION.get(`${program} ${meant} ${one}`) ??
      SAME_OPTION.get(`${program} ${one}`) ??
      [],
  );
}

/**
 * The ways to write one option, sorted, for each way in which subcommands of the program (null: any) spell theirs: two
 * options with the same ways are one to `argv.ts`. For bounds (line-bounds.ts of the analysis).
 */
export function spellingWays(
  option: string,
  program: string,
  subcommands: readonly string[] | null = null,
): readonly (readonly string[])[] {
  const isMeant = (key: string) =>
    subcommands === null
      ? isAbout(key, program)
      : [program, ...subcommands.map((one) => `${program} ${one}`)].includes(key);
  const pairs = [...KNOWN].flatMap(([key, { pairs: own = USUAL }]) => (isMeant(key) ? [own] : []));
  return [...new Set([USUAL, ...pairs])].map((own) => [...spelled(option, own)].sort());
}

/** As `detours`, of any subcommand. */
export const allDetours = (options: readonly string[], program: string): readonly (readonly string[])[] =>
  [...SAME_OPTION].flatMap(([key, ways]) =>
    isAbout(key, program) && options.some((one) => key.endsWith(` ${one}`)) ? ways : [],
  );

const isAbout = (key: string, program: string): boolean => key === program || key.startsWith(`${program} `);

/** How its options are spelled depends on the subcommand. */
export const hasOwnOptions = (program: string): boolean =>
  [...KNOWN.keys()].some((key) => key.startsWith(`${program} `));

/** Null for programs that read options anywhere. */
export const interpreterOf = (program: string): Interpreter | null =>
  INTERPRETERS.get(program.replace(/js$|[-.]?\d[\d.]*$/, "")) ?? null;

export const takesCamelTasks = (program: string): boolean => CAMEL_TASKS.has(program);

export const isSingleDash = (program: string): boolean => SINGLE_DASH.has(program);
export const readsResponseFiles = (program: string): boolean => RESPONSE_FILES.has(program);
export const takesShortSubcommands = (program: string): boolean => SHORT_SUBCOMMANDS.has(program);
export const isOwnSubcommand = (program: string, word: string): boolean =>
  OWN_SUBCOMMANDS.get(program)?.has(word) === true;
export const hasOtherMeaning = (option: string): boolean => OTHER_MEANING.has(option);
export const globalValues = (program: string): ReadonlySet<string> | null => GLOBAL_VALUES.get(program) ?? null;
export const sameSubcommands = (program: string, subcommand: string): readonly string[] =>
  SAME_SUBCOMMAND.get(`${program} ${subcommand}`) ?? [];

function names(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/** A map, so that a program called `constructor` finds nothing. */
function table<T>(entries: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(entries));
}
