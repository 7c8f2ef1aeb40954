/** The policy that `init` writes: it names presets, says what they mean here, and shows how to grant more. */
import { GENERIC, type Language } from "./language.ts";

/** `directories`: patterns of the project's own source directories that no preset names. */
export function policyText(languages: readonly Language[], directories: readonly string[]): string {
  const names = languages.map(({ name }) => name).filter((name) => name !== GENERIC);
  return names.length === 0 ? GENERIC_POLICY : toolchainPolicy(names, languages, directories);
}

const GENERIC_POLICY = `# What scripts may do here. Nothing else happens: default deny, and deny beats allow.
# Check it with \`agent-run policy validate agent-run.toml\`, read it with \`agent-run policy show agent-run.toml\`.
version = 1
name = "my project"
inherits = ["secure-defaults"] # credential stores, .env files, secret-looking variables stay closed

[filesystem]
read_allow = ["**"]      # everything below this file's directory
write_allow = ["out/**"] # reports and other results
# delete_allow = ["out/**"]
# deny = ["private/**"]           # for every action

[environment]
allow_vars = ["LANG", "TZ", "USER"]

# [network]
# http_get_allow = ["api.github.com"]

# [subprocess]                    # jailed with bubblewrap; refused where no jail works
# allow_commands = ["git", "rg"]
# [subprocess.deny_args]
# git = ["push --force", "reset --hard"]

[runtime]
max_seconds = 30
`;

function toolchainPolicy(
  names: readonly string[],
  languages: readonly Language[],
  directories: readonly string[],
): string {
  const presets = names.map((name) => `preset \`${name}\``).join(" and ");
  const homes = languages.flatMap((language) => language.homes);
  const written = directories.length === 0 ? '# write_allow = ["assets/**"]' : `write_allow = ${list(directories)}`;
  return `# What scripts may do here. Nothing else happens: default deny, and deny beats allow.
#
# The ${presets} lets them read this directory, write sources, tests, docs and what a build makes, delete what can be
# built again, and run the toolchain and git in a jail without network. Closed are secrets, settings of production and staging,
# publishing, and what loses commits or files (\`git push --force\`, \`reset --hard\`, ...).
# All of it, with what stands here:  agent-run policy show agent-run.toml
# After a change of this file:       agent-run policy validate agent-run.toml
version = 1
name = "my project"
inherits = ${list(names)}
# inherits = ${list([...names, "web-read"])}   # and GET from sites with documentation

# Ask a person each time; where nobody is there, the call is denied.
# requires_approval = ["fs.delete"]

[filesystem]
# More places to write. Commands write where something is already: make \`build/\` and its like, or a lock file, first
# (\`fs.mkdir\`, \`fs.write\`).
${written}
# What the toolchain keeps in your home is not in the jail until you say so. Name the directories that you have:
# read_allow = ${list(homes)}
# Sources are not deleted.
# delete_allow = ["src/generated/**"]
# Nobody looks here, whatever else is granted.
# deny = ["private/**"]

# For scripts; commands have no network in the jail.
# [network]
# http_get_allow = ["api.github.com"]

# [subprocess]
# allow_commands = ["make"]         # it runs any code, as the toolchain does
# [subprocess.ask_args]
# git = ["commit"]                  # words and options in any order and spelling
# [subprocess.deny_args]
# git = ["!checkout"]               # takes a denial of the preset back; a banner says so at every run
`;
}

const list = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(", ")}]`;
