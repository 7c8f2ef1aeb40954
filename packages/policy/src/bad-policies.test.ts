/** Every way to write a policy wrong, with its exact place and message. (A table, so longer than other files.) */
import { expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { diskWorld } from "./testing/disk-world.ts";

/**
 * A table of every way to be wrong, so longer than other files.
 * What is wrong, the policy, and every problem as `line:column message` or `line:column message = hint`.
 */
const BAD: readonly (readonly [title: string, policy: string, problems: readonly string[]])[] = [
  ["an empty file", "", ["1:1 `version` is missing = begin the policy with `version = 1`"]],
  ["a comment only", "# nothing\n", ["1:1 `version` is missing = begin the policy with `version = 1`"]],
  [
    "a version of the future",
    "version = 2\n",
    ["1:11 `version` must be the whole number 1, the only version that is known = write `version = 1`"],
  ],
  [
    "a float as version",
    "version = 1.0\n",
    ["1:11 `version` must be the whole number 1, the only version that is known = write `version = 1`"],
  ],
  [
    "a boolean as version",
    "version = true\n",
    ["1:11 `version` must be the whole number 1, the only version that is known = write `version = 1`"],
  ],
  [
    "a key that an Aegis file does not have",
    'version = "1.0.0"\ninherits = "secure-defaults"\n[filesystem]\ndney = ["x"]\n',
    ["4:1 the Aegis/Denyx dialect has no `dney` in `[filesystem]` = did you mean `deny`?"],
  ],
  [
    "a key of ours in an Aegis file",
    'inherits = "secure-defaults"\n[filesystem]\nlocal_only_write = ["x/**"]\n',
    [
      "3:1 the Aegis/Denyx dialect has no `local_only_write` in `[filesystem]` = if it is a key of ours, begin the policy with `version = 1`",
    ],
  ],
  [
    "a section that an Aegis file does not have",
    'version = "1.0.0"\n[netwrok]\nhttp_get_allow = []\n',
    ["2:2 the Aegis/Denyx dialect has no `netwrok` = did you mean `network`?"],
  ],
  [
    "a section of an Aegis file that is no table",
    'version = "1.0.0"\nnetwork = 1\n',
    ["2:11 `network` takes a table, not an integer = write `[network]`"],
  ],
  [
    "an Aegis file of a version to come",
    'version = "2.0.0"\nname = "x"\n',
    [
      '1:11 version `2.0.0` of the Aegis/Denyx dialect is not known = known is `version = "1.0.0"`; policies of ours have `version = 1`',
    ],
  ],
  [
    "an Aegis file that inherits something else",
    'version = "1.0.0"\ninherits = "workspace"\n',
    [
      '2:12 the Aegis/Denyx dialect has no preset `workspace` = write `inherits = "secure-defaults"`, or begin with `version = 1`',
    ],
  ],
  [
    "an Aegis file with a list to inherit",
    'version = "1"\ninherits = ["secure-defaults"]\n',
    [
      '2:12 `inherits` of the Aegis/Denyx dialect takes a name, not a list = write `inherits = "secure-defaults"`, or begin with `version = 1`',
    ],
  ],
  [
    "a wrong type in an Aegis file",
    'version = "1.0.0"\n[filesystem]\nread_allow = "src/**"\n[runtime]\nmax_seconds = "30"\n',
    [
      '3:14 `read_allow` takes a list of strings, not a string = write `read_allow = ["src/**"]`',
      "5:15 `max_seconds` takes a number of seconds = write `30` or `0.5`",
    ],
  ],
  [
    "a string as inherits",
    'version = 1\ninherits = "secure-defaults"\n',
    ['2:12 `inherits` takes a list of strings, not a string = write `inherits = ["secure-defaults"]`'],
  ],
  [
    "TOML that ends early",
    "version = 1\n[filesystem\n",
    ["2:12 not valid TOML: illegal character in key = write `[filesystem]`"],
  ],
  [
    "a key without a value",
    "version = 1\nname =\n",
    ["2:7 not valid TOML: invalid value = a value is missing behind the `=`"],
  ],
  [
    "a key twice",
    "version = 1\nversion = 1\n",
    [
      "2:1 not valid TOML: trying to redefine an already defined table or value = it stands above already: join the two, or delete one",
    ],
  ],
  [
    "a table twice",
    "version = 1\n[runtime]\n[runtime]\n",
    [
      "3:2 not valid TOML: trying to redefine an already defined table or value = it stands above already: join the two, or delete one",
    ],
  ],
  [
    "a string without an end",
    'version = 1\nname = "x\n',
    ["2:10 not valid TOML: control characters are not allowed in strings = the quote does not end on its line"],
  ],
  [
    "a NUL",
    'version = 1\nname = "a\u0000b"\n',
    [
      "2:10 not valid TOML: control characters are not allowed in strings = the file holds NUL characters, as UTF-16 does: save it as UTF-8",
    ],
  ],
  [
    "a line break in an inline table",
    "version = 1\n[tools]\na = {\n  capabilities = [] }\n",
    [
      "4:3 not valid TOML 1.0: no newlines are allowed between the curly braces unless they are valid within a value = write all that stands in `{ }` on one line",
    ],
  ],
  ["half of a surrogate pair", 'version = 1\nname = "\ud800"\n', ["2:9 not valid text: half of a surrogate pair"]],
  [
    "a number that no double holds",
    "version = 1\n[runtime]\nmax_calls = 9007199254740993\n",
    ["3:13 the number is too large"],
  ],
  [
    "an unknown key at the top",
    "version = 1\nnmae = 'x'\n",
    ["2:1 unknown key `nmae` at the top of the policy = did you mean `name`?"],
  ],
  [
    "an unknown section",
    "version = 1\n[filesytem]\nread_allow = []\n",
    ["2:2 unknown section `[filesytem]` = did you mean `filesystem`?"],
  ],
  [
    "an unknown key in a section",
    "version = 1\n[filesystem]\ndney = ['**/x']\n",
    ["3:1 unknown key `dney` in `[filesystem]` = did you mean `deny`?"],
  ],
  [
    "a key of a section at the top",
    "version = 1\nread_allow = ['**']\n",
    ["2:1 unknown key `read_allow` at the top of the policy = `read_allow` belongs in `[filesystem]`"],
  ],
  [
    "a key of the top in a section",
    "version = 1\n[filesystem]\nrequires_approval = []\n",
    [
      "3:1 unknown key `requires_approval` in `[filesystem]` = `requires_approval` belongs at the top, before the first `[section]`",
    ],
  ],
  [
    "a key in the wrong section",
    "version = 1\n[network]\nallow_vars = ['PATH']\n",
    ["3:1 unknown key `allow_vars` in `[network]` = `allow_vars` belongs in `[environment]`"],
  ],
  [
    "a key of another tool",
    "version = 1\nconfirm_per_call = ['fs.delete']\n",
    ["2:1 unknown key `confirm_per_call` at the top of the policy = did you mean `requires_approval`?"],
  ],
  [
    "a key of several sections in a third",
    "version = 1\n[runtime]\ntimeout = 3\n",
    ["3:1 unknown key `timeout` in `[runtime]` = `timeout_seconds` belongs in `[network]` or `[subprocess]`"],
  ],
  [
    "a key by its name in another tool",
    "version = 1\n[network]\ntimeout = 3\n[runtime]\nmax_callstack_size = 1\n",
    [
      "3:1 unknown key `timeout` in `[network]` = did you mean `timeout_seconds`?",
      "5:1 unknown key `max_callstack_size` in `[runtime]` = did you mean `max_stack`?",
    ],
  ],
  [
    "a dotted key that is quoted",
    'version = 1\n"filesystem.deny" = ["x"]\n',
    ["2:1 unknown key `filesystem.deny` at the top of the policy = did you mean `filesystem`?"],
  ],
  [
    "__proto__ as a key",
    "version = 1\n__proto__ = 1\n[filesystem]\nconstructor = 1\n",
    [
      "2:1 unknown key `__proto__` at the top of the policy = there are: approvals, budget, description, environment, filesystem, inherits, local_only, name, network, requires_approval, runtime, subprocess",
      "4:1 unknown key `constructor` in `[filesystem]` = there are: delete_allow, deny, local_only_read, local_only_write, read_allow, write_allow",
    ],
  ],
  [
    "a value instead of a section",
    "version = 1\nfilesystem = 3\n",
    ["2:14 `filesystem` takes a table, not an integer = write `[filesystem]`"],
  ],
  [
    "a list of tables instead of a section",
    "version = 1\n[[runtime]]\nmax_calls = 1\n",
    ["2:3 `runtime` takes a table, not a list = write `[runtime]`"],
  ],
  [
    "a string instead of a list",
    "version = 1\n[filesystem]\nread_allow = 'src/**'\n",
    ['3:14 `read_allow` takes a list of strings, not a string = write `read_allow = ["src/**"]`'],
  ],
  [
    "a table instead of a list",
    "version = 1\n[filesystem.read_allow]\n",
    ["2:13 `read_allow` takes a list of strings, not a table"],
  ],
  [
    "a number in a list",
    "version = 1\n[filesystem]\nread_allow = [\n  'a',\n  7,\n  ['b'],\n]\n",
    [
      "5:3 `read_allow` takes a list of strings; this is an integer",
      "6:3 `read_allow` takes a list of strings; this is a list",
    ],
  ],
  ["a number as name", "version = 1\nname = 7\n", ["2:8 `name` takes a string"]],
  ["a name that draws on the terminal", 'version = 1\nname = "\\u001b[2J"\n', ["2:8 `name` holds a control character"]],
  [
    "a name without an end",
    `version = 1\nname = "${"x".repeat(2001)}"\n`,
    ["2:8 `name` is longer than 2000 characters"],
  ],
  [
    "a variable with a control character",
    'version = 1\n[environment]\nallow_vars = ["A\\u0001"]\n',
    ["3:15 `A\\u0001` is not the name of a variable = write a name; `*` and `?` are wildcards"],
  ],
  [
    "a command and arguments with control characters",
    'version = 1\n[subprocess]\nallow_commands = ["a\\u0001"]\ndeny_args.git = ["a\\u0001"]\n',
    [
      "3:19 a command is a plain name or path, without wildcards = list the commands one by one",
      "4:18 the arguments hold a control character",
    ],
  ],
  [
    "an unknown sandbox",
    "version = 1\n[subprocess]\nsandbox = 'bwarp'\n",
    ['3:11 `sandbox` takes one of "auto", "bwrap", "none" = did you mean `bwrap`?'],
  ],
  [
    "a boolean as sandbox",
    "version = 1\n[subprocess]\nsandbox = false\n",
    ['3:11 `sandbox` takes one of "auto", "bwrap", "none"'],
  ],
  [
    "a string as flag",
    "version = 1\n[subprocess]\naccept_unsandboxed_commands = 'yes'\n",
    ["3:31 `accept_unsandboxed_commands` takes `true` or `false`"],
  ],
  [
    "an unknown isolation",
    "version = 1\n[runtime]\nisolation = 'proces'\n",
    ['3:13 `isolation` takes one of "thread", "process" = did you mean `process`?'],
  ],
  [
    "a size in bits",
    "version = 1\n[runtime]\nmax_memory = '64Mb'\n",
    ['3:14 `max_memory` takes a size in whole bytes = write `"64MiB"`, `"10MB"`, `"4KiB"` or a number of bytes'],
  ],
  [
    "half a byte",
    "version = 1\n[runtime]\nmax_memory = '0.0001KiB'\n",
    ['3:14 `max_memory` takes a size in whole bytes = write `"64MiB"`, `"10MB"`, `"4KiB"` or a number of bytes'],
  ],
  [
    "too little memory",
    "version = 1\n[runtime]\nmax_memory = '1MiB'\n",
    ["3:14 `max_memory` must lie between 16MiB and 1GiB"],
  ],
  [
    "too much memory",
    "version = 1\n[runtime]\nmax_memory = 1073741825\n",
    ["3:14 `max_memory` must lie between 16MiB and 1GiB"],
  ],
  [
    "no time",
    "version = 1\n[runtime]\nmax_seconds = 0\n",
    ["3:15 `max_seconds` must lie between 0.05 and 86400 seconds"],
  ],
  [
    "endless time",
    "version = 1\n[runtime]\nmax_seconds = inf\n",
    ["3:15 `max_seconds` takes a number of seconds = write `30` or `0.5`"],
  ],
  [
    "time as text",
    "version = 1\n[runtime]\nmax_seconds = '30s'\n",
    ["3:15 `max_seconds` takes a number of seconds = write `30` or `0.5`"],
  ],
  ["half a call", "version = 1\n[runtime]\nmax_calls = 1.5\n", ["3:13 `max_calls` takes a whole number = write `100`"]],
  [
    "fewer than no calls",
    "version = 1\n[runtime]\nmax_calls = -1\n",
    ["3:13 `max_calls` must lie between 0 and 10000000"],
  ],
  [
    "too many redirects",
    "version = 1\n[network]\nfollow_redirects = 21\n",
    ["3:20 `follow_redirects` must lie between 0 and 20"],
  ],
  [
    "an unknown preset",
    "version = 1\ninherits = ['secure-default']\n",
    ["2:13 there is no preset `secure-default` = did you mean `secure-defaults`?"],
  ],
  [
    "a file outside",
    "version = 1\ninherits = ['../base.toml']\n",
    ["2:13 an inherited file lies beside or below the policy that names it = copy it there, or write a preset's name"],
  ],
  [
    "an absolute file",
    "version = 1\ninherits = ['/etc/agent-run/policy.toml']\n",
    ["2:13 an inherited file lies beside or below the policy that names it = copy it there, or write a preset's name"],
  ],
  [
    "a file that is not there",
    "version = 1\ninherits = ['base.toml']\n",
    ["2:13 `base.toml` can not be read: it does not exist"],
  ],
  [
    "a removal where nothing is inherited",
    "version = 1\n[filesystem]\ndeny = ['!**/.env*']\n",
    ["3:9 `!**/.env*` removes nothing: this policy inherits nothing = write `\\!` for a name that begins with `!`"],
  ],
  [
    "a removal that removes nothing",
    "version = 1\ninherits = ['secure-defaults']\n[filesystem]\ndeny = ['!**/.en*']\n",
    ["4:9 `!**/.en*` removes nothing: no inherited policy has `**/.en*` in this list = did you mean `**/.env*`?"],
  ],
  [
    "an unknown capability",
    "version = 1\nrequires_approval = ['fs.remove', 'fs.*', 'net']\n",
    [
      "2:22 `fs.remove` is not a capability = known are `fs.read`, `fs.write`, `fs.delete`, `fs.*`",
      "2:43 `net` is not a capability = known are `net.http_get`, `net.http_post`, `net.http_put`, `net.http_patch`, `net.http_delete`, `net.*`",
    ],
  ],
  ["an empty pattern", "version = 1\n[filesystem]\nread_allow = ['']\n", ["3:15 the pattern is empty"]],
  [
    "a pattern with NUL",
    'version = 1\n[filesystem]\nread_allow = ["a\\u0000b"]\n',
    ["3:15 the pattern holds a control character"],
  ],
  [
    "an extended glob",
    "version = 1\n[filesystem]\ndeny = ['!(src)/**', '+(a|b)']\n",
    [
      "3:9 `!(src)/**` removes nothing: this policy inherits nothing = write `\\!` for a name that begins with `!`",
      "3:22 the pattern looks like extglob (`+(`), which is not supported; write `\\(` for the character",
    ],
  ],
  [
    "a pipe",
    "version = 1\n[filesystem]\ndeny = ['(a|b)']\n",
    ["3:9 the pattern holds `|` = write `{a,b}` for a choice, `\\|` for the character"],
  ],
  [
    "braces with one choice, none and no end",
    "version = 1\n[filesystem]\ndeny = ['{a}', '{1..3}', 'a}', '{a,b']\n",
    [
      "3:9 the pattern has braces without a comma; only `{a,b}` is known, no ranges; write `\\{` for the character",
      "3:16 the pattern has braces without a comma; only `{a,b}` is known, no ranges; write `\\{` for the character",
      "3:26 the pattern has a `}` without `{`; write `\\}` for the character",
      "3:32 the pattern has a `{` without `}`; write `\\{` for the character",
    ],
  ],
  [
    "braces that multiply",
    `version = 1\n[filesystem]\ndeny = ['${"{a,b}".repeat(9)}']\n`,
    ["3:9 the pattern stands for more than 256 patterns; list them instead"],
  ],
  [
    "brackets",
    "version = 1\n[filesystem]\ndeny = ['[z-a]', '[', ']', '[]', '[a/b]', '[[:alpha:]]']\n",
    [
      "3:9 the pattern has a range in brackets that runs backwards",
      "3:18 the pattern has a `[` without `]`; write `\\[` for the character",
      "3:23 the pattern has a `]` without `[`; write `\\]` for the character",
      "3:28 the pattern has empty brackets; write `\\[\\]` for the characters",
      "3:34 the pattern has a `/` in brackets, which could never match",
      "3:43 the pattern has a POSIX class; write the characters, as in `[a-z0-9]`",
    ],
  ],
  [
    "stars glued to a name",
    "version = 1\n[filesystem]\ndeny = ['src/**.ts', '***']\n",
    [
      "3:9 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`",
      "3:22 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`",
    ],
  ],
  [
    "dots behind a wildcard",
    "version = 1\n[filesystem]\nread_allow = ['src/*/../x', 'a/../b']\n",
    [
      "3:15 the pattern has a `..` segment in its middle, which could never match",
      "3:29 the pattern has a `..` segment in its middle, which could never match",
    ],
  ],
  [
    "dots above the machine",
    "version = 1\n[filesystem]\nread_allow = ['../../../../../../../../../../etc']\n",
    ["3:15 the pattern climbs above `/`"],
  ],
  [
    "backslashes",
    "version = 1\n[filesystem]\nread_allow = ['src\\main', 'src\\']\n",
    [
      "3:15 the pattern escapes `m`, which needs no escaping",
      "3:27 the pattern escapes nothing; write `\\\\` for a backslash",
    ],
  ],
  [
    "the home of another",
    "version = 1\n[filesystem]\nread_allow = ['~root/x']\n",
    ["3:15 `~name` is not supported = write the directory, `~/…` for the own home, `./~name` for a file"],
  ],
  [
    "an absolute and a relative choice",
    "version = 1\n[filesystem]\nread_allow = ['{/etc,src}/x']\n",
    ["3:15 the braces mix absolute and relative paths = write two entries"],
  ],
  [
    "a host with a user",
    "version = 1\n[network]\nhttp_get_allow = ['u:p@example.com']\n",
    [
      "3:19 a host pattern holds no user name = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
    ],
  ],
  [
    "another scheme",
    "version = 1\n[network]\nhttp_get_allow = ['ftp://example.com', 'wss://example.com']\n",
    [
      "3:19 the scheme `ftp` is not supported = `http` and `https` are",
      "3:40 the scheme `wss` is not supported = `http` and `https` are",
    ],
  ],
  [
    "a port out of range",
    "version = 1\n[network]\nhttp_get_allow = ['a.example:0', 'a.example:65536', 'a.example:http']\n",
    [
      "3:19 `a.example:0` is not a host with a port = ports are 1 to 65535, or `*` for every port",
      "3:34 `a.example:65536` is not a host with a port = ports are 1 to 65535, or `*` for every port",
      "3:53 `a.example:http` is not a host with a port = ports are 1 to 65535, or `*` for every port",
    ],
  ],
  [
    "loopback without a port",
    "version = 1\n[network]\nhttp_get_allow = ['localhost', 'http://127.0.0.1/x', '[::1]', '0x7f.1']\n",
    [
      "3:19 `localhost` is this machine: a grant needs a port = write `localhost:PORT`",
      "3:32 `127.0.0.1` is this machine: a grant needs a port = write `127.0.0.1:PORT`",
      "3:54 `::1` is this machine: a grant needs a port = write `[::1]:PORT`",
      "3:63 `127.0.0.1` is this machine: a grant needs a port = write `127.0.0.1:PORT`",
    ],
  ],
  [
    "a star inside a host",
    "version = 1\n[network]\nhttp_get_allow = ['api.*.com', 'ex*', '*.*.a', '*.10.0.0.1']\n",
    [
      "3:19 `api.*.com` is not a host = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "3:32 `ex*` is not a host = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "3:39 `*.*.a` is not a host = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "3:48 an address has no names below it = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
    ],
  ],
  [
    "hosts that are none",
    "version = 1\n[network]\nhttp_get_allow = ['', 'a b', 'a..b', '[::1', 'https://', 'a%2eb']\n",
    [
      "3:19 the host is empty = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "3:23 a host pattern holds no white space and no `#` = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "3:30 `a..b` is not a host = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "3:38 `[::1` is not a host with a port = ports are 1 to 65535, or `*` for every port",
      "3:46 `` is not a host = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "3:58 `a%2eb` is not a host = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
    ],
  ],
  [
    "a query and a fragment",
    "version = 1\n[network]\nhttp_get_allow = ['a.example/x?y=1', 'a.example/#x']\n",
    [
      "3:19 a query can not be matched = end the pattern before the `?`, or use `*`",
      "3:38 a host pattern holds no white space and no `#` = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
    ],
  ],
  [
    "dot segments in a URL",
    "version = 1\n[network]\nhttp_get_allow = ['a.example/v1/../v2', 'a.example/%2e%2e/x', 'a.example/%zz']\n",
    [
      "3:19 the path pattern has a `..` segment in its middle, which could never match",
      "3:41 the path pattern has a `..` segment in its middle, which could never match",
      "3:63 `%` begins an escape such as `%20` = write `%25` for the character",
    ],
  ],
  [
    "ranges that are none",
    "version = 1\n[network]\ndeny_ips = ['10.0.0.0/33', '10.1.2.3/8', 'localhost', '010.0.0.1', '10.0.0.0/']\n",
    [
      "3:13 `10.0.0.0/33` is not a range in CIDR notation = write `10.0.0.0/8` or `fc00::/7`",
      "3:28 `10.1.2.3/8` has bits behind its prefix = did you mean `10.0.0.0/8`?",
      "3:42 `localhost` is not an address or range = write `10.0.0.0/8`, `192.0.2.1` or `fc00::/7`",
      "3:55 `010.0.0.1` is not an address or range = write `10.0.0.0/8`, `192.0.2.1` or `fc00::/7`",
      "3:68 `10.0.0.0/` is not a range in CIDR notation = write `10.0.0.0/8` or `fc00::/7`",
    ],
  ],
  [
    "private hosts",
    "version = 1\n[network.private_hosts]\n'*.internal' = ['10.0.0.0/8']\n'10.0.0.1' = ['10.0.0.0/8']\nok = ['169.254.0.0/16', '10/8']\n",
    [
      "3:1 `*.internal` is not a host name = write the name alone, such as `status.internal`",
      "4:1 an address can not be resolved further = grant the address itself instead",
      "5:7 link-local and metadata addresses are reached only by a grant of the address itself",
      "5:25 `10/8` is not a range in CIDR notation = write `10.0.0.0/8` or `fc00::/7`",
    ],
  ],
  [
    "variables that are none",
    "version = 1\n[environment]\nallow_vars = ['', 'A=B', 'A B', '[AB]', '!A']\n",
    [
      "3:15 `` is not the name of a variable = write a name; `*` and `?` are wildcards",
      "3:19 `A=B` is not the name of a variable = write a name; `*` and `?` are wildcards",
      "3:26 `A B` is not the name of a variable = write a name; `*` and `?` are wildcards",
      "3:33 `[AB]` is not the name of a variable = write a name; `*` and `?` are wildcards",
      "3:41 `!A` removes nothing: this policy inherits nothing",
    ],
  ],
  [
    "child variables that are none",
    "version = 1\n[subprocess]\nset_env = ['A*', '1A', '']\n",
    [
      "3:12 `A*` is not the name of one variable",
      "3:18 `1A` is not the name of one variable",
      "3:24 `` is not the name of one variable",
    ],
  ],
  [
    "commands that are none",
    "version = 1\n[subprocess]\nallow_commands = ['', 'git status', 'py*', '~/bin/x', '../x', '-x', 'dir/']\n",
    [
      "3:19 the command is empty",
      "3:23 a command is named without arguments = write `git`, and limit it with `deny_args`",
      "3:37 a command is a plain name or path, without wildcards = list the commands one by one",
      "3:44 a command can not begin with `~` = write its path from `/`",
      "3:55 the path of a command has no `..` and ends in a name = write `tools/build.sh`, or an absolute path",
      "3:63 a command can not begin with `-` = write its path from `/`",
      "3:69 the path of a command has no `..` and ends in a name = write `tools/build.sh`, or an absolute path",
    ],
  ],
  [
    "argument patterns",
    "version = 1\n[subprocess.deny_args]\ngit = ['', '  ']\n'g it' = ['push']\n",
    [
      "3:8 the arguments are empty = name them, such as `push --force`",
      "3:12 the arguments are empty = name them, such as `push --force`",
      "4:1 a command is named without arguments = write `g`, and limit it with `deny_args`",
    ],
  ],
  [
    "an alias beside its key",
    "version = 1\n[subprocess.ask_args]\ngit = ['push']\n[subprocess.requires_approval_args]\ngit = ['pull']\n",
    ["5:1 `subprocess.requires_approval_args.git` and `subprocess.ask_args.git` are the same key = keep one of them"],
  ],
  [
    "free arguments",
    "version = 1\n[subprocess.commands.git]\nargs = 'fre'\nargv = 'free'\n",
    [
      '3:8 `args` takes "free" = did you mean `free`?',
      "4:1 unknown key `argv` in `[subprocess.commands.git]` = did you mean `args`?",
    ],
  ],
  [
    "tools",
    "version = 1\n[tools.search]\ncapabilities = ['net.get']\nbackend_url = 'javascript:1'\nbackend_method = 'get'\nbackend = 1\n",
    [
      "3:17 `net.get` is not a capability = known are `net.http_get`, `net.http_post`, `net.http_put`, `net.http_patch`, `net.http_delete`, `net.*`",
      "4:15 `backend_url` takes an http or https URL",
      '5:18 `backend_method` takes one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" = did you mean `GET`?',
      "6:1 unknown key `backend` in `[tools.search]` = there are: backend_method, backend_url, capabilities, description",
    ],
  ],
  [
    "tools that are called like members of every object",
    "version = 1\n[tools.constructor]\n[tools.__proto__]\n",
    [
      "2:8 a tool's name has up to 64 letters, digits, `_`, `.` and `-`",
      "3:8 a tool's name has up to 64 letters, digits, `_`, `.` and `-`",
    ],
  ],
  [
    "a tool without a table",
    "version = 1\n[tools]\nsearch = ['net.http_get']\n'a b' = {}\n",
    [
      "3:10 `search` takes a table, not a list = write `[tools.search]`",
      "4:1 a tool's name has up to 64 letters, digits, `_`, `.` and `-`",
    ],
  ],
  [
    "audit",
    "version = 1\n[audit]\n",
    ["2:2 `[audit]` is not available in this version = remove it, or use a version that has it"],
  ],
  [
    "budgets",
    "version = 1\nbudgett = 1\n[budget]\ncalls = '9'\nbytes_out = -1\nbytes_in = 1\n",
    [
      "2:1 unknown key `budgett` at the top of the policy = did you mean `budget`?",
      "4:9 `calls` takes a whole number = write `100`",
      "5:13 `bytes_out` must lie between 0 and 1024GiB",
      "6:1 unknown key `bytes_in` in `[budget]` = there are: bytes_out, calls",
    ],
  ],
  [
    "budgets of what is no capability",
    "version = 1\n[runtime.max_calls_per_capability]\nfs.read = 1\n'fs.*' = 1\n'fs.raed' = 1\n'x' = 1\n'fs.write' = 1.5\n'net.http_get' = 99999999\n",
    [
      '3:1 `fs` is not a capability = the name holds a dot, so it is quoted: `"fs.read" = 20`',
      "3:1 `fs` takes a whole number = write `100`",
      '4:1 `fs.*` is a family; calls are counted for each capability = write `"fs.read" = 20`',
      "5:1 `fs.raed` is not a capability = did you mean `fs.read`?",
      "6:1 `x` is not a capability = known are `fs.read`, `fs.write`, `fs.delete`, `net.http_get`, `net.http_post`, `net.http_put`, `net.http_patch`, `net.http_delete`, `subprocess.exec`, `env.read`",
      "7:14 `fs.write` takes a whole number = write `100`",
      "8:18 `net.http_get` must lie between 0 and 10000000",
    ],
  ],
  [
    "a budget that is no table",
    "version = 1\nbudget = 5\n",
    ["2:10 `budget` takes a table, not an integer = write `[budget]`"],
  ],
  [
    "a budget by its two names",
    "version = 1\n[budget]\ncalls = 9\n[runtime]\nmax_total_calls = 9\n",
    ["5:1 `runtime.max_total_calls` and `budget.calls` are the same key = keep one of them"],
  ],
  [
    "all at once",
    "version = 3\n[filesystem]\ndney = 1\nread_allow = ['a**']\n[runtime]\nmax_calls = 'x'\n",
    [
      "1:11 `version` must be the whole number 1, the only version that is known = write `version = 1`",
      "3:1 unknown key `dney` in `[filesystem]` = did you mean `deny`?",
      "4:15 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`",
      "6:13 `max_calls` takes a whole number = write `100`",
    ],
  ],
];

const problemsOf = (policy: string): readonly string[] => {
  const loaded = loadPolicyText(policy, { path: "p.toml", realPath: "/work/project/p.toml" }, diskWorld());
  expect("data" in loaded).toBe(false);
  return loaded.ok
    ? []
    : loaded.problems.map(
        ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? "" : ` = ${hint}`}`,
      );
};

test.each(BAD)("%s does not load", (_title, policy, problems) => {
  expect(problemsOf(policy)).toEqual(problems);
});
