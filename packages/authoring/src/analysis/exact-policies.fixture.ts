/**
 * For tests only: policies and questions of a wider world than generated.fixture.ts, as lists of lines that can be taken
 * apart again when a failure is made small. Every choice comes from one number.
 */

/** Mulberry32: the same choices for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** True in one of `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  some<T>(most: number, make: () => T): readonly T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

/** An entry of a section, or a line that stands alone; the lines of a rule. */
export type Chunk =
  | { readonly kind: "entry"; readonly key: string; readonly text: string }
  | { readonly kind: "rule"; readonly lines: readonly string[] };

export function textOf(chunks: readonly Chunk[]): string {
  const sections = new Map<string, string[]>();
  for (const chunk of chunks) {
    if (chunk.kind !== "entry") continue;
    const known = sections.get(chunk.key);
    if (known === undefined) sections.set(chunk.key, [chunk.text]);
    else if (!known.includes(chunk.text)) known.push(chunk.text);
  }
  const rules = chunks.flatMap((chunk) => (chunk.kind === "rule" ? [chunk.lines] : []));
  return [
    ...[...sections].map(([key, texts]) => `${key} = ${JSON.stringify(texts)}`),
    ...rules.map((lines, at) => `[[rule]]\nid = "r${at}"\n${lines.join("\n")}`),
  ].join("\n");
}

const NAMES = [
  ...["a", "b", "A", "B", "ab", "a.md", "b.MD", "x", ".env", ".git", "\u00df", "ss", "SS", "\u0130", "i\u0307", "i"],
  ...[
    "\u017f",
    "s",
    "\u212a",
    "k",
    "\u00e9",
    "\u00c9",
    "a\u200cb",
    "\ufb01",
    "fi",
    "\u03c3",
    "\u03c2",
    "\u4e2d",
    "a b",
  ],
];
const PARTS = [
  ...["a", "b", "A", "*", "?", "**", "a*", "*b", "[ab]", "[^a]", "[!b]*", "[a-c]*", "{a,b}", "{a*,?}", "*.md", "?b"],
  ...[
    "[A-Z]",
    "\u00df*",
    "\u00df",
    "\\\\*".slice(1),
    "*a*b*",
    "\u0131",
    "\u212a",
    "e\u0301",
    "[\u00e0-\u00ff]",
    "i\u0307?",
  ],
  ...["**", "*", "secrets", ".env", "a?c", "[k]", "[^\u017f]", "??", "\u03c2*"],
];
export const pathPattern = (dice: Dice): string => {
  if (dice.once(12)) return dice.of(["/", ".", "~", "/**", "**", "~/**", "/w", "/w/**", "**/*", "/*", "~/.ssh/a"]);
  const begin = dice.of(["", "", "", "", "", "/", "~/", "/w/", "**/"]);
  const parts = Array.from({ length: 1 + dice.below(3) }, () => dice.of(PARTS));
  return begin + parts.join("/") + dice.of(["", "", "", "/", "/**"]);
};

const HOSTS = [
  ...["a.example", "*.example", "https://b.example/x/**", "http://*.example:8080", "*", "10.0.0.1", "localhost:3000"],
  ...["https://a.example/x", "[::1]:3000", "https://[2606:4700::1111]", "9.9.9.9", "a.example:*", "http://a.example"],
  ...["https://a.example:8443/v1/*", "http://127.0.0.1:8080/x", "x.localhost:3000", "169.254.169.254", "b.example/x/?"],
  ...["https://*.b.example/**/X", "http://*:8080", "a.example/[a-c]/*", "*.a.example:444"],
];
export const hostPattern = (dice: Dice): string => dice.of(HOSTS);
const RANGES = ["10.0.0.0/8", "9.0.0.0/8", "8.8.8.8", "2606:4700::/32", "0.0.0.0/1", "9.9.9.0/24"];
const VARIABLES = ["A", "A*", "*_X", "b", "*", "?", "A?", "API_KEY", "a*b", "*A*", "LD_X", "K", "S", "?S*", "PATH"];
export const variablePattern = (dice: Dice): string => dice.of(VARIABLES);
const COMMANDS = ["git", "rg", "npx", "tool"];
/** Of which more is known: flags, subcommands, scripts, others that they run. */
const MORE_COMMANDS = [...COMMANDS, "git", "git", "npm", "python", "env", "sed", "find", "gcc", "busybox"];
export const commandName = (dice: Dice): string => dice.of(COMMANDS);
const ARGUMENTS = [
  "log",
  "push --force",
  "push -f",
  "push",
  "log *",
  "log **",
  "**",
  "show x",
  "--all",
  "-v",
  "* x",
  "log --all",
];

const MORE_ARGUMENTS = [
  ...[
    ...ARGUMENTS,
    "push origin",
    "push *",
    "push -f",
    "push **",
    "push --del",
    "p*",
    "-rf",
    "-c",
    "-c *",
    "-e",
    "-exec",
    "x",
  ],
  ...[
    "git push",
    "git log *",
    "git **",
    "-C x log",
    "log -1",
    "--global",
    "publish",
    "stra\u00dfe",
    "* *",
    "-f --force",
    "--out=x",
  ],
  ...["config *", "--upload-pack *", "+main", "@x", "--", "-", "run x", "-- x", "tag -d"],
];
const argumentPattern = (dice: Dice): string => dice.of(MORE_ARGUMENTS);

const ACTIONS = ["read", "write", "delete"];

/** What policies are about: everything, or only commands and their arguments. */
export type About = "all" | "commands";

const made = (key: string, text: string): Chunk => ({ kind: "entry", key, text });

function entry(dice: Dice, about: About): Chunk {
  if (about === "commands") return commandEntry(dice);
  switch (dice.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return made(`filesystem.${dice.of(ACTIONS)}_allow`, pathPattern(dice));
    case 4:
    case 5:
      return made("filesystem.deny", pathPattern(dice));
    case 6:
      return made(
        `filesystem.local_only_${dice.of(["read", "write"])}`,
        dice.of(["a/b", "A/**", "b/**", "x", "secrets/**"]),
      );
    case 7:
    case 8:
      return made(`network.http_${dice.of(["get", "get", "post"])}_allow`, hostPattern(dice));
    case 9:
      return dice.once(2) ? made("network.deny_hosts", hostPattern(dice)) : made("network.deny_ips", dice.of(RANGES));
    case 10:
      return made("network.local_only_hosts", dice.of(["localhost:3000", "https://a.example/x/**", "127.0.0.1:8080"]));
    case 11:
      return made("environment.allow_vars", variablePattern(dice));
    case 12:
      return made(
        `environment.${dice.of(["deny_vars", "deny_vars", "local_only_vars"])}`,
        dice.of(["A", "A*", "*_X", "a", "K", "?"]),
      );
    case 13:
      return made(`subprocess.${dice.of(["allow_commands", "allow_commands", "deny_commands"])}`, commandName(dice));
    case 14:
      return made(`subprocess.${dice.of(["deny_args", "ask_args"])}.${commandName(dice)}`, dice.of(ARGUMENTS));
    default:
      return made(
        "requires_approval",
        dice.of(["fs.delete", "fs.*", "net.*", "net.http_post", "env.read", "subprocess.exec"]),
      );
  }
}

function commandEntry(dice: Dice): Chunk {
  const name = dice.of(MORE_COMMANDS);
  switch (dice.below(5)) {
    case 0:
    case 1:
      return made("subprocess.allow_commands", name);
    case 2:
      return made("subprocess.deny_commands", name);
    case 3:
      return made(`subprocess.deny_args.${name}`, argumentPattern(dice));
    default:
      return made(`subprocess.ask_args.${name}`, argumentPattern(dice));
  }
}

const quoted = (text: string): string => (text.includes("'") ? JSON.stringify(text) : `'${text}'`);

function textTest(
  dice: Dice,
  operands: readonly string[],
  regexes: readonly string[],
  globs: readonly string[],
): string {
  const one = () => quoted(dice.of(operands));
  switch (dice.below(8)) {
    case 0:
      return `exists = ${dice.of(["true", "true", "false"])}`;
    case 1:
      return `${dice.of(["in", "not_in"])} = [${one()}, ${one()}]`;
    case 2:
      return `regex = ${quoted(dice.of(regexes))}`;
    case 3:
      return `glob = ${quoted(dice.of(globs))}`;
    default:
      return `${dice.of(["eq", "ne", "contains", "starts_with", "ends_with"])} = ${one()}`;
  }
}

const sizeTest = (dice: Dice): string =>
  dice.once(4)
    ? `${dice.of(["in", "not_in"])} = [10, "1kB"]`
    : `${dice.of(["eq", "ne", "lt", "le", "gt", "ge"])} = ${dice.of(["10", "11", "0", '"1kB"'])}`;

const TIMES = ["2027-03-28T00:00:00Z", "2027-03-28T12:00:00Z", "2027-10-31", "2028-01-01T00:00:00Z"];

function around(dice: Dice): string {
  if (dice.once(2)) return `now = { ${dice.of(["lt", "le", "ge", "gt", "ne"])} = ${dice.of(TIMES)} }`;
  return `actor = { ${textTest(dice, ["ci", "me", "CI", "c"], ["^c.$", "(?i)^CI$", "^[a-m]+$"], ["c*", "?e", "*"])} }`;
}

function condition(dice: Dice, family: string): string {
  if (dice.once(4)) return around(dice);
  if (family === "fs.write" && dice.once(2)) return `bytes = { ${sizeTest(dice)} }`;
  if (family.startsWith("fs")) {
    const operands = ["/w/a/b", "/w/A/b", "/", "/w/", "b", ".md", "/w/\u00df", "ss", "\u212a", "a.md", "/w/a"];
    const regexes = [
      "^/w/[a-c]+",
      "(?i)B$",
      String.raw`\bA\b`,
      "^/w/(a|b)/",
      String.raw`[^/]*\.md$`,
      "^/$",
      "/$",
      "^$",
      "^/w/.$",
    ];
    return `path = { ${textTest(dice, operands, regexes, ["a/*", "**/b", "/w/?", "/", "[ab]/**", "a/"])} }`;
  }
  if (family === "env.read")
    return `name = { ${textTest(dice, ["A", "b_X", "a", "K", ""], ["^A", "(?i)^k$", "_X$", "^..$"], ["A*", "?", "*_*"])} }`;
  if (family === "subprocess.exec") {
    const line = ["git log", "log", "push", "git", "x", "--force"];
    switch (dice.below(5)) {
      case 0:
        return `argv = { contains = ${quoted(dice.of(["log", "push", "x", "--force"]))} }`;
      case 1:
        return `command = { ${textTest(dice, ["git", "rg", "npx"], ["^g"], ["?it", "*"])} }`;
      case 2:
        return `env = { contains = ${quoted(dice.of(["A", "B"]))} }`;
      case 3:
        return `stdin_bytes = { ${sizeTest(dice)} }`;
      default:
        return `command_line = { ${textTest(dice, line, ["^git log", "push( |$)", "^[a-z]+$"], ["git *", "*--force*"])} }`;
    }
  }
  switch (dice.below(7)) {
    case 0:
      return `host = { ${textTest(dice, ["a.example", "b.example", "9.9.9.9", "example", "9."], ["^a", "^[0-9.]+$", "b"], ["*.example", "9.*", "?.*"])} }`;
    case 1:
      return `port = { ${dice.of(["eq = 443", "gt = 443", "lt = 8081", "ne = 8080", "in = [80, 3000]", "not_in = [443]"])} }`;
    case 2:
      return `scheme = { ${textTest(dice, ["http", "https"], ["s$"], ["http*"])} }`;
    case 3:
      return `method = { ${textTest(dice, ["GET", "HEAD", "POST"], ["^[GH]"], ["?E*"])} }`;
    case 4:
      return `bytes = { ${sizeTest(dice)} }`;
    case 5:
      return `address = { cidr = ${quoted(dice.of(RANGES))} }`;
    default:
      return `url_path = { ${textTest(dice, ["/x", "/X", "/", "x", "/v1/"], ["^/x", "(?i)/X$", "^/[^/]*$", String.raw`\bx\b`], ["/x/**", "/*", "/", "/x/", "**/x"])} }`;
  }
}

const FAMILIES: readonly (readonly string[])[] = [
  ["fs.read", "fs.write", "fs.delete"],
  ["fs.write"],
  ["fs.read"],
  ["net.http_get"],
  ["net.http_get", "net.http_post"],
  ["env.read"],
  ["subprocess.exec"],
];
const HOURS = [
  "Mon-Fri 08:00-18:00 Europe/Berlin",
  "22:00-06:00 UTC",
  "Sun 01:30-03:30 Europe/Berlin",
  "00:00-24:00 UTC",
  "Sat,Sun 23:00-02:30 America/New_York",
];

function places(dice: Dice, family: string, effect: string, about: About): readonly string[] {
  const list = (make: (one: Dice) => string) =>
    JSON.stringify([...new Set(Array.from({ length: 1 + dice.below(2) }, () => make(dice)))]);
  const except = dice.once(3);
  if (family.startsWith("fs"))
    return [
      ...(dice.once(5) ? [] : [`path = ${list(pathPattern)}`]),
      ...(except ? [`except = ${list(pathPattern)}`] : []),
    ];
  if (family === "env.read")
    return [
      ...(dice.once(4) ? [] : [`name = ${list(variablePattern)}`]),
      ...(except ? [`except = ${list(variablePattern)}`] : []),
    ];
  if (family === "subprocess.exec") {
    if (dice.once(5) && effect !== "allow") return [];
    const isMore = about === "commands";
    const argument = (one: Dice) => (isMore ? argumentPattern(one) : one.of(ARGUMENTS));
    return [
      `command = ${list(isMore ? (one) => one.of(MORE_COMMANDS) : commandName)}`,
      ...(isMore || dice.once(2) ? [`argv = ${list(argument)}`] : []),
      ...(except ? [`except = ${list(argument)}`] : []),
    ];
  }
  if (dice.once(4)) {
    const host = dice.of(["a.example", "*.example", "*", "9.9.9.9"]);
    const more = [
      `port = ${dice.of(["443", "[80, 8443]", '"*"'])}`,
      `scheme = ${dice.of(['"http"', '["http", "https"]'])}`,
    ];
    return [`host = "${host}"`, ...more.filter(() => dice.once(2)), ...(dice.once(2) ? ['url_path = "/x/**"'] : [])];
  }
  return [
    ...(dice.once(5) ? [] : [`host = ${list(hostPattern)}`]),
    ...(except ? [`except = ${list(hostPattern)}`] : []),
  ];
}

function rule(dice: Dice, about: About): Chunk {
  const on = about === "commands" ? ["subprocess.exec"] : dice.of(FAMILIES);
  const family = on.length === 1 || on[0] === "net.http_get" ? (on[0] ?? "") : "fs";
  const effect = dice.of(["allow", "allow", "ask", "deny"]);
  const when = [
    ...new Map(dice.some(2, () => condition(dice, family)).map((one) => [one.split(" ")[0], one])).values(),
  ];
  const lines = [
    `effect = "${effect}"`,
    `on = ${JSON.stringify(on)}`,
    ...places(dice, family, effect, about),
    ...(when.length === 0 ? [] : [`when = { ${when.join(", ")} }`]),
    ...(dice.once(6) ? [`expires = ${dice.of(TIMES)}`] : []),
    ...(dice.once(6) ? [`hours = "${dice.of(HOURS)}"`] : []),
  ];
  return { kind: "rule", lines };
}

export const chunksOf = (dice: Dice, about: About = "all"): readonly Chunk[] =>
  Array.from({ length: 1 + dice.below(9) }, () => (dice.once(2) ? entry(dice, about) : rule(dice, about)));

/** The same with a chunk more, or one less, or one instead of another: so that most of two policies is alike. */
export function nearby(dice: Dice, chunks: readonly Chunk[], about: About = "all"): readonly Chunk[] {
  const at = dice.below(chunks.length);
  const added = dice.once(2) ? entry(dice, about) : rule(dice, about);
  if (dice.once(3)) return [...chunks, added];
  return chunks.flatMap((chunk, index) => (index !== at ? [chunk] : dice.once(2) ? [added] : []));
}

export const fileName = (dice: Dice): string => dice.of(NAMES);
