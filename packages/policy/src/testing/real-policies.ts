/** For tests only: every policy that comes with the product, and those of its docs, as seeds to be broken. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface RealPolicies {
  readonly presets: ReadonlyMap<string, string>;
  /** Presets, examples and the fences of the docs. */
  readonly texts: readonly string[];
  readonly testFiles: readonly string[];
}

/** `root`: the checkout. */
export function realPolicies(root: string): RealPolicies {
  const read = (...parts: string[]) => readFileSync(join(root, ...parts), "utf8");
  const presets = new Map(
    readdirSync(join(root, "presets"))
      .filter((name) => name.endsWith(".toml"))
      .map((name) => [name.slice(0, -".toml".length), read("presets", name)]),
  );
  const examples = readdirSync(join(root, "examples"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".toml") && existsSync(join(root, "examples", name)))
    .map((name) => ({ name, text: read("examples", name) }));
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const fences = docs.flatMap((name) =>
    [...read("docs", name).matchAll(/```toml\n([\s\S]*?)```/g)].map(([, text = ""]) => text),
  );
  const isTests = ({ name }: { name: string }) => name.endsWith(".test.toml");
  return {
    presets,
    texts: [...presets.values(), ...examples.filter((one) => !isTests(one)).map(({ text }) => text), ...fences],
    testFiles: [
      "[[test]]\ngiven = 'fs.read a'\nexpect = 'deny'\n",
      ...examples.filter(isTests).map(({ text }) => text),
    ],
  };
}
