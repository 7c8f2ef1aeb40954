/**
 * Slips as people make them who write their first policy, and what they are told: the place, what was expected, and what
 * to write instead. (A table, so longer than other files.)
 */
import { expect, test } from "vitest";
import { diskWorld } from "./testing/disk-world.ts";
import { flawOfProblems, loaded } from "./testing/never-throws.ts";

const world = diskWorld({ realPath: (path) => (path.startsWith("/") ? path : "/w") });

const SLIPS: readonly (readonly [title: string, policy: string, problems: readonly string[]])[] = [
  [
    "no quotes path",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = src/**\n',
    ['6:8 not valid TOML: invalid value = a text stands in quotes: write `"src/**"`'],
  ],
  [
    "no quotes word",
    'version = 1\n[[rule]]\nid = "r"\neffect = deny\non = ["fs.read"]\n',
    ['4:10 not valid TOML: invalid value = a text stands in quotes: write `"deny"`'],
  ],
  [
    "no quotes id",
    'version = 1\n[[rule]]\nid = small reports\neffect = "deny"\non = ["fs.read"]\n',
    ['3:6 not valid TOML: invalid value = a text stands in quotes: write `"small reports"`'],
  ],
  [
    "no quotes list",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = [src, out]\n',
    ['6:9 not valid TOML: invalid value = a text stands in quotes: write `"src"`'],
  ],
  [
    "bytes no quotes",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.write"\nwhen = { bytes = { le = 1MB } }\n',
    ['6:26 not valid TOML: illegal character in numeric literal = a text stands in quotes: write `"1MB"`'],
  ],
  [
    "dur no quotes",
    "version = 1\n[runtime]\nmax_memory = 64MiB\n",
    ['3:16 not valid TOML: illegal character in numeric literal = a text stands in quotes: write `"64MiB"`'],
  ],
  [
    "date no",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nexpires = 2027-3-1\n',
    [
      "6:15 not valid TOML: illegal character in numeric literal = a date is a day that there is, written as `2027-03-31`",
    ],
  ],
  [
    "date slash",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nexpires = 31.03.2027\n',
    [
      "6:16 not valid TOML: illegal character in numeric literal = a date is a day that there is, written as `2027-03-31`",
    ],
  ],
  [
    "hours bare",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nhours = 08:00-18:00\n',
    [
      '6:14 not valid TOML: each key-value declaration must be followed by an end-of-line = a text stands in quotes: write `"08:00-18:00"`',
    ],
  ],
  [
    "when string",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nwhen = "bytes <= 1MB"\n',
    ['6:8 `when` takes a table, not a string = write `when = { bytes = { le = "1MB" } }`'],
  ],
  [
    "when json",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nwhen = { "bytes": { "le": 10 } }\n',
    ["6:17 not valid TOML: illegal character in key = between a key and its value stands `=`, not `:`"],
  ],
  [
    "json rule",
    '{ "version": 1 }',
    ["1:1 not valid TOML: illegal character in key = a policy is TOML, not JSON: it begins with `version = 1`"],
  ],
  [
    "json line",
    'version = 1\n"filesystem": {}\n',
    ["2:13 not valid TOML: illegal character in key = between a key and its value stands `=`, not `:`"],
  ],
  [
    "colon",
    "version: 1\n",
    ["1:8 not valid TOML: illegal character in key = between a key and its value stands `=`, not `:`"],
  ],
  [
    "yaml",
    "version: 1\nfilesystem:\n  deny:\n    - x\n",
    ["1:8 not valid TOML: illegal character in key = between a key and its value stands `=`, not `:`"],
  ],
  [
    "on text",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.wirte"\n',
    ["5:6 `fs.wirte` is not a capability = did you mean `fs.write`?"],
  ],
  [
    "on bare",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = fs.write\n',
    ['5:6 not valid TOML: invalid value = a text stands in quotes: write `"fs.write"`'],
  ],
  [
    "on cap",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "FS.Read"\n',
    ["5:6 `FS.Read` is not a capability = did you mean `fs.read`?"],
  ],
  [
    "on fam",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs"\n',
    ["5:6 `fs` is not a capability = known are `fs.read`, `fs.write`, `fs.delete`, `fs.*`"],
  ],
  [
    "on star",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "*"\n',
    [
      "5:6 `*` is not a capability = known are `fs.read`, `fs.write`, `fs.delete`, `net.http_get`, `net.http_post`, `net.http_put`, `net.http_patch`, `net.http_delete`, `subprocess.exec`, `env.read`, `fs.*`, `net.*`, `subprocess.*`, `env.*`",
    ],
  ],
  [
    "on read",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "read"\n',
    [
      "5:6 `read` is not a capability = known are `fs.read`, `fs.write`, `fs.delete`, `net.http_get`, `net.http_post`, `net.http_put`, `net.http_patch`, `net.http_delete`, `subprocess.exec`, `env.read`, `fs.*`, `net.*`, `subprocess.*`, `env.*`",
    ],
  ],
  [
    "on files",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.list"\n',
    ["5:6 `fs.list` is not a capability = known are `fs.read`, `fs.write`, `fs.delete`, `fs.*`"],
  ],
  [
    "win path",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = "C:\\Users\\me"\n',
    ["6:13 not valid TOML: invalid non-hex character in unicode escape = paths are written with `/`"],
  ],
  [
    "win path2",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = "src\\*.ts"\n',
    [
      "6:13 not valid TOML: unrecognised escape sequence = in double quotes a backslash begins an escape: write the text in single quotes, or `\\\\`",
    ],
  ],
  [
    "win lit",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = \'C:\\Users\\me\'\n',
    ["6:8 this is a path of Windows = write it from `/`, with `/`; `./` goes before a name such as `c:`"],
  ],
  [
    "win slash",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = \'C:/Users/me\'\n',
    ["6:8 this is a path of Windows = write it from `/`, with `/`; `./` goes before a name such as `c:`"],
  ],
  [
    "win out",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = "D:\\out"\n',
    ["6:12 not valid TOML: unrecognised escape sequence = paths are written with `/`"],
  ],
  [
    "trail comma inline",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.write"\nwhen = { bytes = { le = 1 }, }\n',
    ["6:30 not valid TOML 1.0: trailing comma is not permitted in an inline table = delete the `,` before the `}`"],
  ],
  [
    "trail comma key",
    "version = 1,\n",
    ["1:12 not valid TOML: illegal character in numeric literal = nothing stands behind a value: write `1`"],
  ],
  [
    "semicolon",
    "version = 1;\n",
    ["1:12 not valid TOML: illegal character in numeric literal = nothing stands behind a value: write `1`"],
  ],
  [
    "tab in string",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = "a\tb"\n',
    ["6:8 the pattern holds a control character"],
  ],
  [
    "single bracket",
    "version = 1\n[rule]\nid = 'r'\n",
    ["2:2 `rule` takes a list of tables, not a table = write `[[rule]]`"],
  ],
  [
    "rules",
    "version = 1\n[[rules]]\nid = 'r'\n",
    ["2:3 unknown key `rules` at the top of the policy = did you mean `rule`?"],
  ],
  [
    "Rule",
    "version = 1\n[[Rule]]\nid = 'r'\n",
    ["2:3 unknown key `Rule` at the top of the policy = did you mean `rule`?"],
  ],
  [
    "missing bracket",
    "version = 1\n[[rule]\nid = 'r'\n",
    ["2:8 not valid TOML: expected end of table array declaration = write `[[rule]]`"],
  ],
  [
    "filesystem double",
    "version = 1\n[[filesystem]]\n",
    ["2:3 `filesystem` takes a table, not a list = write `[filesystem]`"],
  ],
  [
    "missing close",
    "version = 1\n[filesystem\ndeny = []\n",
    ["2:12 not valid TOML: illegal character in key = write `[filesystem]`"],
  ],
  [
    "list open",
    "version = 1\n[filesystem]\ndeny = ['a'\nread_allow = []\n",
    [
      "4:1 not valid TOML: expected comma or end of structure = a list that begins above is not closed: write `]` behind its last entry",
    ],
  ],
  [
    "list comma",
    "version = 1\n[filesystem]\ndeny = ['a' 'b']\n",
    ["3:13 not valid TOML: expected comma or end of structure = between the entries of a list stands `,`"],
  ],
  [
    "list comma nl",
    "version = 1\n[filesystem]\ndeny = [\n  'a'\n  'b'\n]\n",
    ["5:3 not valid TOML: expected comma or end of structure = between the entries of a list stands `,`"],
  ],
  [
    "smart quotes",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = “src/**”\n',
    ["6:8 not valid TOML: invalid value = write straight quotes, `\"` or `'`"],
  ],
  [
    "smart in list",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = [“src”]\n',
    ["6:9 not valid TOML: invalid value = write straight quotes, `\"` or `'`"],
  ],
  [
    "nbsp",
    "version = 1\n",
    [
      "1:8 not valid TOML: illegal character in key = there stands U+00A0, which can not be seen or looks like a space: delete it",
    ],
  ],
  ["equals2", "version == 1\n", ["1:10 not valid TOML: invalid value = one `=` is enough"]],
  [
    "no equals",
    "version 1\n",
    ["1:9 not valid TOML: illegal character in key = a line is `key = value`, a `[section]` or a `# comment`"],
  ],
  ["no value", "version =\n", ["1:10 not valid TOML: invalid value = a value is missing behind the `=`"]],
  [
    "effect caps",
    'version = 1\n[[rule]]\nid = "r"\neffect = "Deny"\non = ["fs.read"]\n',
    ['4:10 `effect` takes one of "allow", "ask", "deny" = did you mean `deny`?'],
  ],
  [
    "effect block",
    'version = 1\n[[rule]]\nid = "r"\neffect = "block"\non = ["fs.read"]\n',
    ['4:10 `effect` takes one of "allow", "ask", "deny"'],
  ],
  [
    "effect list",
    'version = 1\n[[rule]]\nid = "r"\neffect = ["deny"]\non = ["fs.read"]\n',
    ['4:10 `effect` takes one of "allow", "ask", "deny"'],
  ],
  [
    "effect true",
    'version = 1\n[[rule]]\nid = "r"\neffect = true\non = ["fs.read"]\n',
    ['4:10 `effect` takes one of "allow", "ask", "deny"'],
  ],
  [
    "True",
    "version = 1\n[subprocess]\naccept_unsandboxed_commands = True\n",
    ["3:31 not valid TOML: invalid value = write `true`, in small letters"],
  ],
  [
    "yes",
    "version = 1\n[subprocess]\naccept_unsandboxed_commands = yes\n",
    ["3:31 not valid TOML: invalid value = write `true`"],
  ],
  [
    "null",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nlimit = null\n',
    ["6:9 not valid TOML: invalid value = leave the key out: TOML has no such value"],
  ],
  [
    "limit num",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.read"]\nlimit = 20\n',
    ["6:9 `limit` takes a table, not an integer = write `limit = { calls = 20 }`"],
  ],
  [
    "limit str",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.read"]\nlimit = { calls = "20" }\n',
    ["6:19 `calls` takes a whole number, not a string"],
  ],
  [
    "limit float",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.read"]\nlimit = { calls = 2.5 }\n',
    ["6:19 `calls` takes a whole number, not a float"],
  ],
  [
    "op sym",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.write"\nwhen = { bytes = { <= = 10 } }\n',
    ["6:20 not valid TOML: illegal character in key = operators are words: eq, ne, lt, le, gt, ge"],
  ],
  [
    "op quoted sym",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.write"\nwhen = { bytes = { "<=" = 10 } }\n',
    ["6:20 `<=` is no operator = did you mean `le`?"],
  ],
  [
    "op like",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nwhen = { path = { like = \'a\' } }\n',
    ["6:19 `like` is no operator = did you mean `glob`?"],
  ],
  [
    "op match",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nwhen = { path = { match = \'a\' } }\n',
    ["6:19 `match` is no operator = did you mean `regex`?"],
  ],
  [
    "op neq",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.write"\nwhen = { bytes = { \'!=\' = 3 } }\n',
    ["6:20 `!=` is no operator = did you mean `ne`?"],
  ],
  [
    "attr",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.write"\nwhen = { size = { le = 3 } }\n',
    ["6:10 `size` is no attribute of fs.write = did you mean `bytes`?"],
  ],
  [
    "attr file",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nwhen = { file = { eq = \'/a\' } }\n',
    ["6:10 `file` is no attribute of fs.read = did you mean `path`?"],
  ],
  [
    "attr no op",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs.write"\nwhen = { bytes = 10 }\n',
    ["6:18 `bytes` takes a table of operators, not an integer = write `bytes = { eq = 10 }`"],
  ],
  [
    "multiline inline",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nwhen = {\n  path = { eq = \'/a\' }\n}\n',
    [
      "7:3 not valid TOML 1.0: no newlines are allowed between the curly braces unless they are valid within a value = write all that stands in `{ }` on one line",
    ],
  ],
  [
    "match table",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nmatch = { on = \'fs.read\', path = \'a\' }\n',
    ['6:9 `match` takes a list of calls, not a table = write `match = [{ on = "fs.read", path = "src/a.ts" }]`'],
  ],
  [
    "match str",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nmatch = \'fs.read a\'\n',
    ['6:9 `match` takes a list of calls, not a string = write `match = [{ on = "fs.read", path = "src/a.ts" }]`'],
  ],
  [
    "id caps ok",
    'version = 1\n[[rule]]\nid = "a b"\neffect = "deny"\non = ["fs.read"]\n',
    ["3:6 `a b` is no id: up to 64 letters, digits, `_`, `.` and `-`"],
  ],
  [
    "no id",
    'version = 1\n[[rule]]\neffect = "deny"\non = ["fs.read"]\n',
    ['2:3 `[[rule]]` lacks `id` = write `id = "small-reports"`'],
  ],
  [
    "no effect",
    'version = 1\n[[rule]]\nid = "r"\non = ["fs.read"]\n',
    ['2:3 `[[rule]]` lacks `effect` = write `effect = "allow"`'],
  ],
  [
    "no on",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\n',
    ['2:3 `[[rule]]` lacks `on` = write `on = ["fs.write"]`'],
  ],
  [
    "dup id",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\n',
    ["7:6 there is another rule `r` in p.toml:2 = rename one of them"],
  ],
  [
    "action",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\naction = "deny"\n',
    ["6:1 unknown key `action` in `[[rule]]` = did you mean `effect`?"],
  ],
  [
    "paths",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npaths = ["a"]\n',
    ["6:1 unknown key `paths` in `[[rule]]` = did you mean `path`?"],
  ],
  [
    "hosts",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "net.*"\nhosts = ["a"]\n',
    ["6:1 unknown key `hosts` in `[[rule]]` = did you mean `host`?"],
  ],
  [
    "url",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "net.*"\nurl = "https://a/"\n',
    ["6:1 unknown key `url` in `[[rule]]` = did you mean `host`?"],
  ],
  [
    "methods",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "net.*"\nmethods = ["GET"]\n',
    ["6:1 unknown key `methods` in `[[rule]]` = did you mean `method`?"],
  ],
  [
    "cmd",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "subprocess.exec"\ncmd = "git"\n',
    ["6:1 unknown key `cmd` in `[[rule]]` = did you mean `command`?"],
  ],
  [
    "args",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "subprocess.exec"\nargs = "push"\n',
    ["6:1 unknown key `args` in `[[rule]]` = did you mean `argv`?"],
  ],
  [
    "command line",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "subprocess.exec"\ncommand = "git push"\n',
    ["6:11 a command is named without arguments = arguments stand in `argv`"],
  ],
  [
    "var",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "env.read"\nvar = "X"\n',
    ["6:1 unknown key `var` in `[[rule]]` = did you mean `name`?"],
  ],
  [
    "dollar",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "env.read"\nname = "$HOME"\n',
    ["6:8 `$HOME` is not the name of a variable = write a name; `*` and `?` are wildcards"],
  ],
  [
    "port str",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "net.*"\nport = "443"\n',
    ['6:8 `port` takes ports from 1 to 65535 = write `port = 8443`, or `"*"` for every port'],
  ],
  [
    "method lower",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "net.*"\nmethod = "get"\n',
    ["6:10 `get` is not a method = did you mean `GET`?"],
  ],
  [
    "deny list bare",
    "version = 1\n[filesystem]\ndeny = **/.env\n",
    ['3:8 not valid TOML: invalid value = a text stands in quotes: write `"**/.env"`'],
  ],
  [
    "comment //",
    "version = 1\n// a comment\n",
    ["2:1 not valid TOML: illegal character in key = comments begin with `#`"],
  ],
  ["comment /*", "version = 1\n/* a */\n", ["2:1 not valid TOML: illegal character in key = comments begin with `#`"]],
  [
    "filesystem.deny key",
    'version = 1\nfilesystem.deny = "x"\n',
    ['2:19 `deny` takes a list of strings, not a string = write `deny = ["x"]`'],
  ],
  [
    "read",
    "version = 1\n[filesystem]\nread = ['x']\n",
    [
      "3:1 unknown key `read` in `[filesystem]` = there are: delete_allow, deny, local_only_read, local_only_write, read_allow, write_allow",
    ],
  ],
  [
    "allow",
    "version = 1\n[filesystem]\nallow = ['x']\n",
    [
      "3:1 unknown key `allow` in `[filesystem]` = there are: delete_allow, deny, local_only_read, local_only_write, read_allow, write_allow",
    ],
  ],
  [
    "allowed_commands",
    "version = 1\n[subprocess]\nallowed_commands = ['x']\n",
    ["3:1 unknown key `allowed_commands` in `[subprocess]` = did you mean `allow_commands`?"],
  ],
  [
    "network allow",
    "version = 1\n[network]\nallow_hosts = ['x']\n",
    [
      "3:1 unknown key `allow_hosts` in `[network]` = there are: deny_hosts, deny_ips, follow_redirects, http_delete_allow, http_get_allow, http_patch_allow, http_post_allow, http_put_allow, local_only_hosts, private_hosts, timeout_seconds",
    ],
  ],
  ["fs", "version = 1\n[fs]\ndeny=[]\n", ["2:2 unknown section `[fs]` = did you mean `filesystem`?"]],
  ["env", "version = 1\n[env]\nallow=[]\n", ["2:2 unknown section `[env]` = did you mean `environment`?"]],
  [
    "permissions",
    "version = 1\n[permissions]\n",
    [
      "2:2 unknown section `[permissions]` = there are: approvals, budget, description, environment, filesystem, inherits, local_only, name, network, requires_approval, runtime, subprocess",
    ],
  ],
  [
    "merge conflict",
    "version = 1\n<<<<<<< HEAD\nname = 'x'\n=======\n",
    ["2:1 not valid TOML: illegal character in key = a conflict of a merge was left here: resolve it"],
  ],
  [
    "version string",
    'version = "1"\n[[rule]]\nid = "r"\n',
    ["2:3 the Aegis/Denyx dialect has no `rule` = if it is a key of ours, begin the policy with `version = 1`"],
  ],
  [
    "nul",
    "v\u0000e\u0000r\u0000",
    [
      "1:1 not valid TOML: incomplete key-value: cannot find end of key = the file holds NUL characters, as UTF-16 does: save it as UTF-8",
    ],
  ],
  [
    "cr",
    "version = 1\rname = 'x'\r",
    [
      "1:12 not valid TOML: each key-value declaration must be followed by an end-of-line = its lines end with a carriage return alone: save it with the line ends of Unix",
    ],
  ],
  [
    "bom2",
    "﻿﻿version = 1\n",
    [
      "1:1 not valid TOML 1.0: unexpected character = there stands U+FEFF, which can not be seen or looks like a space: delete it",
    ],
  ],
  [
    "zwsp",
    "version = 1\n​name = 'x'\n",
    [
      "2:1 not valid TOML: illegal character in key = there stands U+200B, which can not be seen or looks like a space: delete it",
    ],
  ],
  ["unicode key", "version = 1\nнаме = 'x'\n", ["2:1 not valid TOML: illegal character in key"]],
  [
    "underscore cap",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = "fs_read"\n',
    ["5:6 `fs_read` is not a capability = did you mean `fs.read`?"],
  ],
  [
    "escape",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = "a\\*"\n',
    [
      "6:11 not valid TOML: unrecognised escape sequence = in double quotes a backslash begins an escape: write the text in single quotes, or `\\\\`",
    ],
  ],
  [
    "regex dq",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nwhen = { path = { regex = "\\.md$" } }\n',
    [
      "6:29 not valid TOML: unrecognised escape sequence = in double quotes a backslash begins an escape: write the text in single quotes, or `\\\\`",
    ],
  ],
  [
    "backtick",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\npath = `src`\n',
    ["6:8 not valid TOML: invalid value = write straight quotes, `\"` or `'`"],
  ],
  [
    "string newline",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nreason = "a\nb"\n',
    ["6:12 not valid TOML: control characters are not allowed in strings = the quote does not end on its line"],
  ],
  [
    "glued line",
    "version = 1 name = 'x'\n",
    [
      "1:13 not valid TOML: each key-value declaration must be followed by an end-of-line = each key has a line of its own",
    ],
  ],
  [
    "limit outside",
    "version = 1\nlimit = { calls = 1 }\n",
    [
      "2:1 unknown section `[limit]` = there are: approvals, budget, description, environment, filesystem, inherits, local_only, name, network, requires_approval, runtime, subprocess",
    ],
  ],
  [
    "key after rule",
    'version = 1\n[[rule]]\nid = "r"\neffect = "deny"\non = ["fs.read"]\nrequires_approval = [\'fs.delete\']\n',
    [
      "6:1 unknown key `requires_approval` in `[[rule]]` = `requires_approval` stands above the first `[[...]]` and `[...]`",
    ],
  ],
];

test.each(SLIPS)("a slip is told with its place and a way out: %s", (_title, policy, problems) => {
  const result = loaded(policy, world);
  if (result.ok) throw new Error("it loads");
  expect(flawOfProblems(result.problems, policy)).toBeNull();
  const found = result.problems.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? "" : ` = ${hint}`}`,
  );
  expect(found).toEqual(problems);
});

/** What was written, and what the hint says to write: then it loads. */
const MENDED: readonly (readonly [before: string, hint: string, after: string])[] = [
  ["[filesystem]\ndeny = [src/**]", '"src/**"', '[filesystem]\ndeny = ["src/**"]'],
  ["[runtime]\nmax_memory = 64MiB", '"64MiB"', '[runtime]\nmax_memory = "64MiB"'],
  ["name = me", '"me"', 'name = "me"'],
  ["[filesystem", "[filesystem]", "[filesystem]"],
  ["[[rule]\nid = 'r'\neffect = 'deny'\non = 'fs.*'", "[[rule]]", "[[rule]]\nid = 'r'\neffect = 'deny'\non = 'fs.*'"],
  ["[budget]\ncalls = 3,", "3", "[budget]\ncalls = 3"],
];

test.each(MENDED)("%s: what the hint says loads", (before, hint, after) => {
  const slip = loaded(`version = 1\n${before}\n`, world);
  expect(slip.ok ? "" : slip.problems[0]?.hint).toContain(`write \`${hint}\``);
  expect(loaded(`version = 1\n${after}\n`, world).ok).toBe(true);
});
