/**
 * What `askpass` makes of git's words: the name of a remote becomes the literal URL of the policy, whatever the
 * repository calls it, and nothing that a script chose is an option or says that history may be lost. A placeholder of
 * the policy (`*`) stands for a plain word: `--receive-pack=x`, `+main` or `:main` must stand in the policy themselves.
 */
import { type CommandUse, type Failure, fail, ok, type Result } from "@agent-run/gate";

export interface GitCall {
  readonly service: "git-receive-pack" | "git-upload-pack";
  /** After `git`; the URL is put in where null stands. */
  readonly words: readonly (string | null)[];
}

/** Change neither what is sent nor where to. */
const HARMLESS = [
  "-n",
  "--dry-run",
  "-q",
  "--quiet",
  "-v",
  "--verbose",
  "--porcelain",
  "--atomic",
  "--heads",
  "--refs",
];
/** If the policy writes them out. Other options name programs, other places or other repositories. */
const WRITTEN_OUT = [
  ...["-f", "--force", "--force-with-lease", "--force-if-includes", "-d", "--delete", "--mirror", "--prune", "--all"],
  ...["-t", "--tags", "--follow-tags", "--no-verify", "--symref", "--exit-code"],
];
/** Would write the repository's configuration, which is not there. */
const LEFT_OUT = ["-u", "--set-upstream"];

const SERVICES = { push: "git-receive-pack", "ls-remote": "git-upload-pack" } as const;

export function gitCall(argv: readonly string[], use: CommandUse): Result<GitCall> {
  const [git = "", verb = "", ...rest] = argv;
  const isWritten = (word: string): boolean => use.argv.includes(word);
  if (verb !== "push" && verb !== "ls-remote")
    return fail(refused(use, `\`${git} ${verb}\` is neither push nor ls-remote`));
  const options = rest.filter((word) => word.startsWith("-"));
  const stray = options.find((word) => !isOption(word, isWritten(word)));
  if (stray !== undefined) return fail(refused(use, `it takes no option \`${stray}\``));
  const [remote, ...refspecs] = rest.filter((word) => !word.startsWith("-"));
  if (remote !== undefined && !isWritten(remote))
    return fail(refused(use, `\`${remote}\` is not the remote of the policy`));
  const forced = refspecs.find((word) => /^[+:]/.test(word) && !isWritten(word));
  if (forced !== undefined)
    return fail(refused(use, `\`${forced}\` overwrites or deletes, which the policy does not say`));
  const kept = options.filter((word) => !LEFT_OUT.includes(word));
  return ok({ service: SERVICES[verb], words: [verb, ...kept, "--", null, ...refspecs] });
}

function isOption(word: string, isWritten: boolean): boolean {
  if (HARMLESS.includes(word) || LEFT_OUT.includes(word)) return true;
  return isWritten && WRITTEN_OUT.includes(word.replace(/=.*$/s, ""));
}

const refused = (use: CommandUse, why: string): Failure => ({
  code: "E_SLOT",
  message: `the secret is not used for this command: ${why}`,
  capability: "subprocess.exec",
  rule: use.ref,
  hint: `the policy's use is \`${use.argv.join(" ")}\``,
});
