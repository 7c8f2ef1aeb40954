/**
 * Names of environment variables that never reach a child, whoever grants or sets them. Each makes some program load
 * code, start another program, or read a configuration that does: a harmless command (`git log`, `rg`, `less`) would
 * run whatever the value says. Sources: ld.so(8), environ(7), git(1), bash(1), the manuals of the named programs.
 * Compared in upper case; a trailing `*` covers every name that starts so.
 */
const NEVER: readonly string[] = [
  // Loaders and the C library.
  "LD_*",
  "DYLD_*",
  "GLIBC_TUNABLES",
  "GCONV_PATH",
  "GETCONF_DIR",
  "HOSTALIASES",
  "LOCALDOMAIN",
  "LOCPATH",
  "MALLOC_*",
  "NLSPATH",
  "RESOLV_HOST_CONF",
  "RES_OPTIONS",
  // Shells.
  "BASHOPTS",
  "BASH_ENV",
  "BASH_FUNC_*",
  "BASH_LOADABLES_PATH",
  "CDPATH",
  "ENV",
  "FPATH",
  "GLOBIGNORE",
  "IFS",
  "KSH_ENV",
  "PROMPT_COMMAND",
  "PS4",
  "SHELLOPTS",
  "ZDOTDIR",
  // Interpreters: code that is loaded before the program's own.
  "DOTNET_STARTUP_HOOKS",
  "JAVA_TOOL_OPTIONS",
  "JDK_JAVA_OPTIONS",
  "_JAVA_OPTIONS",
  "LUA_CPATH*",
  "LUA_INIT*",
  "LUA_PATH*",
  "NODE_EXTRA_CA_CERTS",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_REPL_EXTERNAL_MODULE",
  "PERL5*",
  "PERLLIB",
  "PERL_*",
  "PHPRC",
  "PHP_INI_SCAN_DIR",
  "PYTHON*",
  "RUBYLIB",
  "RUBYOPT",
  // Programs that another program starts.
  "BROWSER",
  "EDITOR",
  "*_EDITOR",
  "LESSCLOSE",
  "LESSOPEN",
  "PAGER",
  "*PAGER",
  "*_ASKPASS",
  "RSYNC_RSH",
  "CVS_RSH",
  "VISUAL",
  // Flags in disguise: they would pass by the rules on arguments.
  "GIT_*",
  "GREP_OPTIONS",
  "LESS",
  "RIPGREP_CONFIG_PATH",
  "TAR_OPTIONS",
  // Always ours.
  "AGENT_RUN_*",
  "PATH",
];

/** True for a name that neither the policy nor a script can give to a child. */
export function isNeverForChildren(name: string): boolean {
  const upper = name.toUpperCase();
  return NEVER.some((pattern) => covers(pattern, upper));
}

function covers(pattern: string, name: string): boolean {
  if (pattern.endsWith("*")) return name.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith("*")) return name.endsWith(pattern.slice(1));
  return name === pattern;
}
