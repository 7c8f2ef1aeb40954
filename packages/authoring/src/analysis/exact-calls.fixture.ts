/** For tests only: calls that come near to what patterns of a policy say, made of their own text and changed a little. */
import {
  type CanonicalRequest,
  type Capability,
  type Circumstances,
  canonicalPath,
  canonicalUrl,
  type Target,
} from "@agent-run/policy";
import { type Chunk, type Dice, fileName } from "./exact-policies.fixture.ts";

export interface Call {
  readonly request: CanonicalRequest;
  readonly circumstances: Circumstances;
}

/** Every text in quotes. */
const textsOf = (chunks: readonly Chunk[]): readonly string[] =>
  chunks.flatMap((chunk) =>
    chunk.kind === "entry"
      ? [chunk.text]
      : chunk.lines.flatMap((line) => [...line.matchAll(/"([^"]*)"|'([^']*)'/g)].map(([, a, b]) => a ?? b ?? "")),
  );

/** Something that a pattern takes, mostly. */
function instance(dice: Dice, pattern: string): string {
  const braces = pattern.replace(/\{([^{}]*)\}/g, (_, all: string) => dice.of(all.split(",")));
  return braces
    .replace(/\*\*/g, () => dice.of(["", fileName(dice), `${fileName(dice)}/${fileName(dice)}`]))
    .replace(/\\\*/g, "\u0001")
    .replace(/\*/g, () => dice.of(["", fileName(dice), "x"]))
    .replace(/\[([!^]?)([^\]]*)\]/g, (_, not: string, all: string) =>
      not === "" ? dice.of([...all.replaceAll("-", "")]) : dice.of([..."abxA\u017fk"]),
    )
    .replace(/\?/g, () => dice.of([..."abAx\u00df\u0130\u212a"]))
    .replaceAll("\u0001", "*");
}

const TWINS: Readonly<Record<string, readonly string[]>> = {
  s: ["\u017f", "S"],
  k: ["\u212a", "K"],
  i: ["\u0130", "I", "\u0131"],
  a: ["A"],
  b: ["B"],
  "\u00df": ["ss", "\u1e9e", "SS"],
  "\u00e9": ["\u00c9", "e\u0301"],
  "\u03c2": ["\u03c3", "\u03a3"],
};

function changed(dice: Dice, text: string): string {
  switch (dice.below(9)) {
    case 0:
      return text.toUpperCase();
    case 1:
      return text.toLowerCase();
    case 2:
      return [...text]
        .map((letter) => (dice.once(3) ? dice.of(TWINS[letter.toLowerCase()] ?? [letter]) : letter))
        .join("");
    case 3: {
      const at = dice.below(text.length + 1);
      return `${text.slice(0, at)}${dice.of(["\u200c", "x", "/", "b", "\ufeff"])}${text.slice(at)}`;
    }
    case 4:
      return `${text}/${fileName(dice)}`;
    case 5:
      return text.split("/").slice(0, -1).join("/");
    default:
      return text;
  }
}

const NOWS = [
  ...[
    Date.UTC(2027, 0, 4, 11),
    Date.UTC(2027, 2, 28, 1, 10),
    Date.UTC(2027, 2, 28, 6, 30),
    Date.UTC(2027, 9, 31, 0, 40),
  ],
  ...[Date.UTC(2027, 9, 31, 1, 40), Date.UTC(2028, 0, 2, 3), Date.UTC(2027, 6, 5, 16, 30), Date.UTC(2027, 2, 28), 0],
];

const circumstances = (dice: Dice): Circumstances => ({
  now: dice.once(3) ? null : dice.of(NOWS) + dice.of([0, 0, -1, 1]),
  actor: dice.of([null, "ci", "me", "CI", "c", "", "cx"]),
});

const call = (dice: Dice, on: Capability, target: Omit<Target, "on">, attrs: CanonicalRequest["attrs"]): Call => ({
  request: { v: 1, on, targets: [{ on, ...target }], attrs, labels: [] },
  circumstances: circumstances(dice),
});

const ROLES = { "fs.read": "read", "fs.write": "write", "fs.delete": "delete" } as const;
const sizes = (dice: Dice): { readonly bytes?: number } =>
  dice.once(3) ? {} : { bytes: dice.of([0, 9, 10, 11, 999, 1000, 1001, 5000]) };

function fileCall(dice: Dice, texts: readonly string[]): Call | null {
  const on = dice.of(["fs.read", "fs.write", "fs.delete"] as const);
  const seed =
    dice.once(3) || texts.length === 0 ? `${fileName(dice)}/${fileName(dice)}` : instance(dice, dice.of(texts));
  const path = canonicalPath(changed(dice, seed) || "/", { root: "/w", home: "/home/me" });
  if (!path.ok) return null;
  return call(dice, on, { role: ROLES[on], kind: "path", value: path.value }, on === "fs.write" ? sizes(dice) : {});
}

function urlCall(dice: Dice, texts: readonly string[]): Call | null {
  const on = dice.of(["net.http_get", "net.http_get", "net.http_post"] as const);
  const scheme = dice.of(["http", "https", "https"]);
  const seed = texts.filter((text) => /[.:]/.test(text));
  const [, typedScheme, rest = ""] =
    /^(?:(https?):\/\/)?(.*)$/s.exec(seed.length === 0 || dice.once(2) ? "" : dice.of(seed)) ?? [];
  const host = dice.of([
    "a.example",
    "b.example",
    "c.b.example",
    "example",
    "9.9.9.9",
    "9.9.9.8",
    "localhost",
    "x.localhost",
    "127.0.0.1",
    "10.0.0.1",
    "[::1]",
    "[2606:4700::1111]",
    "8.8.8.8",
    "169.254.169.254",
  ]);
  const port = dice.of(["", "", ":8080", ":3000", ":443", ":80", ":8443", ":444", ":1"]);
  const path = dice.of([
    "/",
    "/x",
    "/X",
    "/x/",
    "/x/y",
    "/X/y",
    "/%2Fx",
    "/x%20y",
    "/x/..;/y",
    "/x/../y",
    "/v1/a",
    "/x/y/X",
    "/a/b",
    "/\u00df",
    "/x;a",
  ]);
  const typed = rest
    .replace(":*", dice.of([":8443", ""]))
    .replace(/\*\*/g, "y/X")
    .replace(/^\*/, "b")
    .replace(/[*?]/g, "y")
    .replace(/\[([a-c])-c\]/, "$1");
  const text =
    typed === "" || dice.once(3) ? `${host}${port}${path}` : typed + (typed.includes("/") || dice.once(2) ? "" : path);
  const url = canonicalUrl(`${typedScheme ?? scheme}://${text}`);
  if (!url.ok) return null;
  const { port: number, path: url_path, ...value } = url.value;
  const method = on === "net.http_post" ? "POST" : dice.of(["GET", "HEAD"]);
  const attrs = { host: value.host, port: number, scheme: value.scheme, method, url_path, ...sizes(dice) };
  return call(dice, on, { role: "connect", kind: "url", value: value.url }, attrs);
}

function variableCall(dice: Dice, texts: readonly string[]): Call | null {
  const names = texts.filter((text) => /^[\w*?]+$/.test(text));
  const seed =
    names.length === 0 || dice.once(3)
      ? dice.of(["A", "a", "AB", "A_X", "b", "b_X", "LD_X", "API_KEY", "K", "\u212a", "\u017f", "PATH"])
      : instance(dice, dice.of(names));
  const name = changed(dice, seed).replaceAll("/", "");
  // What an environment cannot hold is asked about by nobody.
  if (name === "" || /[=\p{Cc}]/u.test(name)) return null;
  return call(dice, "env.read", { role: "read", kind: "variable", value: name }, { name });
}

const WORDS = ["log", "push", "--force", "-f", "x", "show", "--all", "-v", "git", "rg", "y", "origin", "-1"];

function commandCall(dice: Dice): Call {
  const argv = [dice.of(["git", "rg", "npx", "tool", "npx", "other"]), ...dice.some(3, () => dice.of(WORDS))];
  const env = dice.once(2) ? {} : { env: dice.some(2, () => dice.of(["A", "B", "C"])) };
  const input = dice.once(2) ? {} : { stdin_bytes: dice.of([0, 9, 10, 11, 1000, 1001]) };
  const target = { role: "execute", kind: "command", value: argv[0] ?? "" } as const;
  return call(dice, "subprocess.exec", target, { command: argv[0] ?? "", argv, ...env, ...input });
}

const NEAR = [
  ...[
    ...WORDS,
    "--forc",
    "-uf",
    "-rf",
    "PUSH",
    "--delete",
    "-d",
    "-c",
    "-C",
    "--",
    "-",
    "",
    "@x",
    "+main",
    "npm",
    "-exec",
    "git2",
  ],
  ...["stra\u00dfe", "STRASSE", "\u212a", "--out=x", "config", "tag", "s/a/b/", "publish", "--no-x", "-Xpush", "run"],
];

/** A line that a pattern of the policy takes, or nearly. */
function lineNear(dice: Dice, texts: readonly string[]): Call {
  const wanted = dice.once(5) || texts.length === 0 ? [] : dice.of(texts).split(" ");
  const words = wanted.flatMap((word) =>
    word === "**" ? dice.some(2, () => dice.of(NEAR)) : [word === "*" ? dice.of(NEAR) : word],
  );
  const more = words.flatMap((word) => {
    if (dice.once(6)) return [dice.of(NEAR), word];
    return dice.once(8) ? [] : [dice.once(8) ? word.toUpperCase() : word];
  });
  const program = dice.of([
    "git",
    "git",
    "git",
    "rg",
    "npx",
    "tool",
    "npm",
    "python",
    "env",
    "sed",
    "find",
    "gcc",
    "busybox",
  ]);
  const argv = [program, ...more, ...(dice.once(3) ? [dice.of(NEAR)] : [])];
  const env = dice.once(2) ? {} : { env: dice.some(2, () => dice.of(["A", "B", "C"])) };
  const target = { role: "execute", kind: "command", value: program } as const;
  return call(dice, "subprocess.exec", target, { command: program, argv, ...env });
}

export function linesNear(dice: Dice, chunks: readonly Chunk[], count: number): readonly Call[] {
  const texts = textsOf(chunks);
  return Array.from({ length: count }, () => lineNear(dice, texts));
}

export function callsNear(dice: Dice, chunks: readonly Chunk[], count: number): readonly Call[] {
  const texts = textsOf(chunks);
  return Array.from({ length: count }, () => {
    const which = dice.below(10);
    if (which < 5) return fileCall(dice, texts);
    if (which < 7) return urlCall(dice, texts);
    return which < 8 ? variableCall(dice, texts) : commandCall(dice);
  }).filter((one) => one !== null);
}
