/** Every way to write `[[rule]]`, `[[test]]` and `[[never]]` wrong, with its exact place and message. (A table, so longer than other files.) */
import { expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { diskWorld } from "./testing/disk-world.ts";

/** What is wrong, the policy, and every problem as `line:column message` or `line:column message = hint`. */
const BAD: readonly (readonly [title: string, policy: string, problems: readonly string[]])[] = [
  [
    "a rule as a section",
    "version = 1\n[rule]\nid = 'x'\n",
    ["2:2 `rule` takes a list of tables, not a table = write `[[rule]]`"],
  ],
  [
    "a rule that is text",
    "version = 1\nrule = ['x']\n",
    ["2:9 `rule` takes a list of tables; this is a string = write `[[rule]]`"],
  ],
  [
    "an empty rule",
    "version = 1\n[[rule]]\n",
    [
      '2:3 `[[rule]]` lacks `id` = write `id = "small-reports"`',
      '2:3 `[[rule]]` lacks `effect` = write `effect = "allow"`',
      '2:3 `[[rule]]` lacks `on` = write `on = ["fs.write"]`',
    ],
  ],
  [
    "an unknown key",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwehn = { bytes = { le = 1 } }\n',
    ["6:1 unknown key `wehn` in `[[rule]]` = did you mean `when`?"],
  ],
  [
    "an unknown effect",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'alow'\non = ['fs.read']\n",
    ['4:10 `effect` takes one of "allow", "ask", "deny" = did you mean `allow`?'],
  ],
  [
    "an id with a blank",
    "version = 1\n[[rule]]\nid = 'a b'\neffect = 'deny'\non = ['fs.read']\n",
    ["3:6 `a b` is no id: up to 64 letters, digits, `_`, `.` and `-`"],
  ],
  [
    "an id that is too long",
    "version = 1\n[[rule]]\nid = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\neffect = 'deny'\non = 'fs.read'\n",
    [
      "3:6 `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is no id: up to 64 letters, digits, `_`, `.` and `-`",
    ],
  ],
  [
    "the id of a section",
    "version = 1\n[[rule]]\nid = 'filesystem.deny'\neffect = 'deny'\non = 'fs.read'\n",
    ["3:6 ids that begin with `filesystem` are those of other rules = write `my-filesystem.deny`"],
  ],
  [
    "the id of built-in rules",
    "version = 1\n[[rule]]\nid = 'builtin.mine'\neffect = 'deny'\non = 'fs.read'\n",
    ["3:6 ids that begin with `builtin` are those of other rules = write `my-builtin.mine`"],
  ],
  [
    "the id of no rule",
    "version = 1\n[[rule]]\nid = 'default'\neffect = 'deny'\non = 'fs.read'\n",
    ["3:6 ids that begin with `default` are those of other rules = write `my-default`"],
  ],
  [
    "two rules of one id",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'fs.read'\n[[rule]]\nid = 'X'\neffect = 'deny'\non = 'fs.read'\n",
    ["7:6 there is another rule `X` in p.toml:2 = rename one of them"],
  ],
  [
    "an empty `on`",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = []\n",
    ['5:6 `on` is empty, so it is about nothing = write `on = ["fs.write"]`'],
  ],
  [
    "a capability that is none",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = ['fs.wirte']\n",
    ["5:7 `fs.wirte` is not a capability = did you mean `fs.write`?"],
  ],
  [
    "a family that is none",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = ['file.*']\n",
    [
      "5:7 `file.*` is not a capability = known are `fs.read`, `fs.write`, `fs.delete`, `net.http_get`, `net.http_post`, `net.http_put`, `net.http_patch`, `net.http_delete`, `subprocess.exec`, `env.read`, `fs.*`, `net.*`, `subprocess.*`, `env.*`",
    ],
  ],
  [
    "a number as capability",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = [1]\n",
    ["5:7 `on` takes a list of strings; this is an integer"],
  ],
  [
    "a path for requests",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\npath = 'out/**'\n",
    [
      "6:1 `path` does not apply to net.http_get, net.http_post, net.http_put, net.http_patch, net.http_delete = `path` is for fs.*",
    ],
  ],
  [
    "a path for files and requests",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = ['fs.read', 'net.http_get']\npath = 'out/**'\n",
    ["6:1 `path` does not apply to net.http_get = `path` is for fs.*; write two rules"],
  ],
  [
    "a host for files",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhost = \'a.example\'\n',
    ["6:1 `host` does not apply to fs.write = `host` is for net.*"],
  ],
  [
    "a port for files",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nport = 80\n',
    ["6:1 `port` does not apply to fs.write = `port` is for net.*"],
  ],
  [
    "a method for files",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nmethod = \'GET\'\n',
    ["6:1 `method` does not apply to fs.write = `method` is for net.*"],
  ],
  [
    "a command for files",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\ncommand = \'git\'\n',
    ["6:1 `command` does not apply to fs.write = `command` is for subprocess.exec"],
  ],
  [
    "arguments for files",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nargv = \'push\'\n',
    ["6:1 `argv` does not apply to fs.write = `argv` is for subprocess.exec"],
  ],
  [
    "a variable for files",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nname = \'HOME\'\n',
    ["6:1 `name` does not apply to fs.write = `name` is for env.read"],
  ],
  [
    "an empty path",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\npath = []\n',
    ["6:8 `path` is empty, so the rule could never match"],
  ],
  [
    "a bad pattern",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\npath = \'a**\'\n',
    ["6:8 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`"],
  ],
  [
    "a pattern that climbs out",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\npath = \'../../../../x\'\n',
    ["6:8 the pattern climbs above `/`"],
  ],
  [
    "a bad host",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'net.http_get'\nhost = 'a b'\n",
    [
      "6:8 a host pattern holds no white space and no `#` = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
    ],
  ],
  [
    "this machine without a port",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'net.http_get'\nhost = 'localhost'\n",
    ["6:8 `localhost` is this machine: a grant needs a port = write `localhost:PORT`"],
  ],
  [
    "a port twice",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'net.http_get'\nhost = 'a.example:80'\nport = 81\n",
    ["7:1 `port` stands in the host `a.example:80` already = keep one of them"],
  ],
  [
    "a scheme twice",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'net.http_get'\nhost = 'http://a.example'\nscheme = 'http'\n",
    ["7:1 `scheme` stands in the host `http://a.example` already = keep one of them"],
  ],
  [
    "a path of a URL twice",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'net.http_get'\nhost = 'a.example/v1'\nurl_path = '/v2'\n",
    ["7:1 `url_path` stands in the host `a.example/v1` already = keep one of them"],
  ],
  [
    "a port that is none",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nport = [0]\n",
    ['6:9 `port` takes ports from 1 to 65535 = write `port = 8443`, or `"*"` for every port'],
  ],
  [
    "a port as text",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nport = '80'\n",
    ['6:8 `port` takes ports from 1 to 65535 = write `port = 8443`, or `"*"` for every port'],
  ],
  [
    "a scheme that is none",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nscheme = 'ftp'\n",
    ["6:10 `ftp` is not a scheme = there are: http, https"],
  ],
  [
    "a path of a URL without a slash",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nurl_path = 'v1'\n",
    ["6:12 a path begins with `/` = write `/v1`"],
  ],
  [
    "a method in small letters",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nmethod = 'get'\n",
    ["6:10 `get` is not a method = did you mean `GET`?"],
  ],
  [
    "a method of another capability",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.http_get'\nmethod = 'POST'\n",
    ["6:10 no call on net.http_get has the method `POST` = it belongs to net.http_post"],
  ],
  [
    "a grant of commands that names none",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'subprocess.exec'\nargv = 'log'\n",
    ['2:3 an `allow` on subprocess.exec lacks `command` = write `command = ["git"]`'],
  ],
  [
    "arguments in a command",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'subprocess.exec'\ncommand = 'git log'\n",
    ["6:11 a command is named without arguments = arguments stand in `argv`"],
  ],
  [
    "a pattern of commands",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'subprocess.exec'\ncommand = 'g*'\n",
    ["6:11 a command is a plain name or path, without wildcards = list the commands one by one"],
  ],
  [
    "arguments that are empty",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'subprocess.exec'\ncommand = 'git'\nargv = ' '\n",
    ["7:8 the arguments are empty = name them, such as `push --force`"],
  ],
  [
    "`**` between arguments",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'subprocess.exec'\ncommand = 'git'\nargv = 'log ** x'\n",
    ["7:8 `**` stands for all further words, so it is the last one = write `*` for one word"],
  ],
  [
    "a part of a word of a grant",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'allow'\non = 'subprocess.exec'\ncommand = 'git'\nargv = 'log v*'\n",
    ["7:8 `*` stands for a whole word = write `*` alone, or the word"],
  ],
  [
    "a variable with a blank",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'env.read'\nname = 'A B'\n",
    ["6:8 `A B` is not the name of a variable = write a name; `*` and `?` are wildcards"],
  ],
  [
    "exceptions of several kinds",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = ['fs.*', 'env.read']\nexcept = 'x'\n",
    ["6:10 `except` is for rules about one kind of thing = write a rule for each"],
  ],
  [
    "no exceptions",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nexcept = []\n',
    ["6:10 `except` is empty = remove it"],
  ],
  [
    "a bad exception",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nexcept = \'a**\'\n',
    ["6:10 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`"],
  ],
  [
    "arguments left out of no command",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'subprocess.exec'\nexcept = 'push'\n",
    ['6:10 `except` leaves out arguments of a command, and this rule names none = write `command = ["git"]`'],
  ],
  [
    "conditions that are text",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = \'bytes < 10\'\n',
    ['6:8 `when` takes a table, not a string = write `when = { bytes = { le = "1MB" } }`'],
  ],
  [
    "no conditions",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = {}\n',
    ['6:8 `when` has no condition = write `when = { bytes = { le = "1MB" } }`'],
  ],
  [
    "a condition without an operator",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = \'1MB\' }\n',
    ['6:18 `bytes` takes a table of operators, not a string = write `bytes = { eq = "1MB" }`'],
  ],
  [
    "a method without an operator",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { method = 'GET' }\n",
    ['6:19 `method` takes a table of operators, not a string = write `method = { eq = "GET" }`'],
  ],
  [
    "methods without an operator",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { method = ['GET', 'HEAD'] }\n",
    ['6:19 `method` takes a table of operators, not a list = write `method = { in = ["GET", "HEAD"] }`'],
  ],
  [
    "no operators",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = {} }\n',
    ["6:18 `bytes` has no operator = there are: eq, ne, lt, le, gt, ge, in, not_in, exists"],
  ],
  [
    "an attribute with a slip",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { byte = { le = 10 } }\n',
    ["6:10 `byte` is no attribute of fs.write = did you mean `bytes`?"],
  ],
  [
    "an attribute of no call",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { colour = { eq = \'red\' } }\n',
    ["6:10 `colour` is no attribute of fs.write = there are: path, bytes, actor, now"],
  ],
  [
    "an attribute of some capabilities",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'fs.*'\nwhen = { bytes = { gt = 10 } }\n",
    ["6:10 `bytes` is no attribute of fs.read, fs.delete = write a rule for the others"],
  ],
  [
    "an operator with a slip",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = { lte = 10 } }\n',
    ["6:20 `lte` is no operator = did you mean `le`?"],
  ],
  [
    "an operator of no type",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = { like = 10 } }\n',
    ["6:20 `like` is no operator = there are: eq, ne, lt, le, gt, ge, in, not_in, exists"],
  ],
  [
    "an operator of texts for sizes",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = { starts_with = \'1\' } }\n',
    [
      "6:20 `starts_with` does not fit `bytes`, which is of type bytes = there are: eq, ne, lt, le, gt, ge, in, not_in, exists",
    ],
  ],
  [
    "an operator of numbers for texts",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { path = { lt = \'a\' } }\n',
    [
      "6:19 `lt` does not fit `path`, which is of type string = there are: eq, ne, in, not_in, contains, starts_with, ends_with, regex, glob, exists",
    ],
  ],
  [
    "an operator of texts for lists",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'subprocess.exec'\nwhen = { argv = { eq = 'push' } }\n",
    ["6:19 `eq` does not fit `argv`, which is a list = there are: contains, exists"],
  ],
  [
    "an operator of texts for addresses",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { address = { eq = '10.0.0.1' } }\n",
    ["6:22 `eq` does not fit `address`, which is of type address = there are: cidr, exists"],
  ],
  [
    "an operator of addresses for texts",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { host = { cidr = '10.0.0.0/8' } }\n",
    [
      "6:19 `cidr` does not fit `host`, which is of type string = there are: eq, ne, in, not_in, contains, starts_with, ends_with, regex, glob, exists",
    ],
  ],
  [
    "a size that is none",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = { le = \'1 megabyte\' } }\n',
    ['6:25 `le` of `bytes` takes a size, such as `"1MB"`, not a string'],
  ],
  [
    "a size below nothing",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = { le = -1 } }\n',
    ['6:25 `le` of `bytes` takes a size, such as `"1MB"`, not an integer'],
  ],
  [
    "a flag as a size",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = { le = true } }\n',
    ['6:25 `le` of `bytes` takes a size, such as `"1MB"`, not a boolean'],
  ],
  [
    "a number as a text",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { actor = { eq = 1 } }\n',
    ["6:25 `eq` of `actor` takes a string, not an integer"],
  ],
  [
    "a text as a time",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { now = { lt = \'2027-01-01\' } }\n',
    ["6:23 `lt` of `now` takes a date, such as `2027-03-31T18:00:00Z`, not a string"],
  ],
  [
    "a time of day as a time",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { now = { lt = 18:00:00 } }\n',
    ["6:23 `lt` of `now` takes a date, such as `2027-03-31T18:00:00Z`, not a time of day"],
  ],
  [
    "a text as a list",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { actor = { in = \'ci\' } }\n',
    ["6:25 `in` takes a list, not a string = write `in = [...]`"],
  ],
  [
    "an empty list",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { actor = { in = [] } }\n',
    ["6:25 `in` is empty, so it says nothing"],
  ],
  [
    "a list of mixed types",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { actor = { in = [\'ci\', 1] } }\n',
    ["6:32 `in` of `actor` takes a string, not an integer"],
  ],
  [
    "an empty text",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { actor = { contains = \'\' } }\n',
    ["6:31 `contains` takes some text; this is none"],
  ],
  [
    "a bad regular expression",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { path = { regex = \'(\' } }\n',
    ["6:27 `(` is no regular expression of RE2: missing closing )"],
  ],
  [
    "a regular expression with look-around",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { path = { regex = \'(?=x)\' } }\n',
    [
      "6:27 `(?=x)` is no regular expression of RE2: invalid or unsupported Perl syntax = RE2 has no look-around and no back references",
    ],
  ],
  [
    "a regular expression that is too large",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { path = { regex = \'(a{1000}){0,1}(b{1000})\' } }\n',
    ["6:27 the pattern is too large = repeat less, or write several rules"],
  ],
  [
    "a bad pattern of paths",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { path = { glob = \'a**\' } }\n',
    ["6:26 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`"],
  ],
  [
    "a class in a pattern of texts",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { actor = { glob = \'[ab]*\' } }\n',
    ["6:27 the pattern knows `*` and `?` only"],
  ],
  [
    "a relative path",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { path = { eq = \'out/a\' } }\n',
    ['6:24 `path` is never `out/a`: it is absolute, without dot segments = write `path = { glob = ["out/a"] }`'],
  ],
  [
    "a relative beginning of a path",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { path = { starts_with = \'out/\' } }\n',
    ['6:33 `path` begins with `/`, so it never begins with `out/` = write `path = { glob = ["out/**"] }`'],
  ],
  [
    "a path of a URL that is relative",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { url_path = { glob = 'v1/**' } }\n",
    ["6:30 a path begins with `/` = write `/v1/**`"],
  ],
  [
    "a host in capitals",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { host = { eq = 'API.example' } }\n",
    ["6:24 `host` is never `API.example` = did you mean `api.example`?"],
  ],
  [
    "a host with a port",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { host = { eq = 'api.example:80' } }\n",
    ["6:24 `host` is never `api.example:80` = did you mean `api.example`?"],
  ],
  [
    "a method of no request",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { method = { eq = 'get' } }\n",
    ["6:26 `get` is not a method = did you mean `GET`?"],
  ],
  [
    "a scheme of no request",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { scheme = { eq = 'HTTPS' } }\n",
    ["6:26 `HTTPS` is not a scheme = there are: http, https"],
  ],
  [
    "a port of no request",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { port = { in = [80, 70000] } }\n",
    ["6:29 `70000` is not a port = ports are 1 to 65535"],
  ],
  [
    "a bad range",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'net.*'\nwhen = { address = { cidr = '10.0.0.1/8' } }\n",
    ["6:29 `10.0.0.1/8` has bits behind its prefix = did you mean `10.0.0.0/8`?"],
  ],
  [
    "a text for exists",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nwhen = { bytes = { exists = \'yes\' } }\n',
    ["6:29 `exists` takes `true` or `false`, not a string"],
  ],
  [
    "a limit of a denial",
    "version = 1\n[[rule]]\nid = 'x'\neffect = 'deny'\non = 'fs.read'\nlimit = { calls = 1 }\n",
    ["6:1 `limit` counts calls that happen, and a denied call does not = remove it"],
  ],
  [
    "a limit as a number",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nlimit = 20\n',
    ["6:9 `limit` takes a table, not an integer = write `limit = { calls = 20 }`"],
  ],
  [
    "a limit of nothing",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nlimit = {}\n',
    ["6:9 `[[rule]] limit` lacks `calls` = write `calls = 20`"],
  ],
  [
    "a limit of no calls",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nlimit = { calls = 0 }\n',
    ["6:19 `calls` must lie between 1 and 10000000"],
  ],
  [
    "another limit",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nlimit = { call = 3, calls = 3 }\n',
    ["6:11 unknown key `call` in `[[rule]] limit` = did you mean `calls`?"],
  ],
  [
    "a date in quotes",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nexpires = \'2027-03-31\'\n',
    [
      "6:11 `expires` takes a date, not a string = write `expires = 2027-03-31` or `2027-03-31T18:00:00Z`, without quotes",
    ],
  ],
  [
    "a time of day as date",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nexpires = 18:00:00\n',
    [
      "6:11 `expires` takes a date, not a time of day = write `expires = 2027-03-31` or `2027-03-31T18:00:00Z`, without quotes",
    ],
  ],
  [
    "a day that is none",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nexpires = 2027-02-30\n',
    ["6:20 not valid TOML 1.0: unexpected invalid date = a date is a day that there is, written as `2027-03-31`"],
  ],
  [
    "hours without a zone",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'08:00-18:00\'\n',
    ["6:9 hours are days, a time of the day and a time zone = write `Mon-Fri 08:00-18:00 Europe/Berlin`"],
  ],
  [
    "hours without a time",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'Mon-Fri Europe/Berlin\'\n',
    ["6:9 `Mon-Fri` is not a time of the day = write `08:00-18:00`"],
  ],
  [
    "hours with days and a time, without a zone",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'Mon-Fri 8-18\'\n',
    ["6:9 hours are days, a time of the day and a time zone = write `Mon-Fri 08:00-18:00 Europe/Berlin`"],
  ],
  [
    "a day with a slip",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'Mon-Fry 08:00-18:00 Europe/Berlin\'\n',
    ["6:9 `Fry` is not a day = did you mean `Fri`?"],
  ],
  [
    "a time beyond the day",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'08:00-25:00 UTC\'\n',
    ["6:9 `08:00-25:00` is not a time of the day = times are `00:00` to `24:00`"],
  ],
  [
    "hours of no length",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'08:00-08:00 UTC\'\n',
    ["6:9 the hours begin when they end = write `00:00-24:00` for the whole day"],
  ],
  [
    "a zone with a slip",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'08:00-18:00 Europe/Berlim\'\n',
    ["6:9 `Europe/Berlim` is not a time zone = did you mean `Europe/Berlin`?"],
  ],
  [
    "an offset as zone",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nhours = \'08:00-18:00 +02:00\'\n',
    ["6:9 `+02:00` is not a time zone = write a name such as `Europe/Berlin` or `UTC`"],
  ],
  [
    "a reason of two lines",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nreason = "a\\nb"\n',
    ["6:10 `reason` is one line, without control characters"],
  ],
  [
    "advice that is too long",
    `version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nadvice = '${"a".repeat(501)}'\n`,
    ["6:10 `advice` is longer than 500 characters"],
  ],
  [
    "an example that is no list",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nmatch = { on = \'fs.write\', path = \'a\' }\n',
    ['6:9 `match` takes a list of calls, not a table = write `match = [{ on = "fs.read", path = "src/a.ts" }]`'],
  ],
  [
    "an example that is a number",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nmatch = [1]\n',
    [
      '6:10 `match` takes a list of calls; this is an integer = write `match = [{ on = "fs.read", path = "src/a.ts" }]`',
    ],
  ],
  [
    "an example that is no call",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nmatch = [\'fs.wirte a\']\n',
    ["6:10 a call begins with its capability, and `fs.wirte` is none; did you mean `fs.write`?"],
  ],
  [
    "an example with a flag",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nmatch = [{ on = \'fs.write\', path = true }]\n',
    ["6:36 `path` of a call takes a string, a whole number or a list of strings, not a boolean"],
  ],
  [
    "an example at a text as time",
    "version = 1\n[[rule]]\nid = \"r\"\neffect = \"allow\"\non = [\"fs.write\"]\nmatch = [{ on = 'fs.write', path = 'a', now = '2027-01-01' }]\n",
    ["6:47 `now` takes a date, not a string = write `now = 2027-03-31T18:00:00Z`"],
  ],
  [
    "an example with a number as actor",
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = ["fs.write"]\nno_match = [{ on = \'fs.write\', path = \'a\', actor = 1 }]\n',
    ["6:52 `actor` of a call takes a string, not an integer"],
  ],
  [
    "a test without anything",
    "version = 1\n[[test]]\n",
    [
      '2:3 `[[test]]` lacks `given` = write `given = { on = "fs.read", path = "src/a.ts" }`',
      '2:3 `[[test]]` lacks `expect` = write `expect = "deny"`',
    ],
  ],
  [
    "a test that expects nothing known",
    "version = 1\n[[test]]\ngiven = 'fs.read a'\nexpect = 'denied'\n",
    ["4:10 `denied` is no answer; there are: allow, ask, deny"],
  ],
  [
    "a test with an unknown key",
    "version = 1\n[[test]]\ngiven = 'fs.read a'\nexpects = 'deny'\nexpect = 'deny'\n",
    ["4:1 unknown key `expects` in `[[test]]` = did you mean `expect`?"],
  ],
  [
    "a test that expects a number",
    "version = 1\n[[test]]\ngiven = 'fs.read a'\nexpect = 1\n",
    ["4:10 `expect` takes a string or a table, not an integer"],
  ],
  [
    "a test that expects another key",
    "version = 1\n[[test]]\ngiven = 'fs.read a'\nexpect = { efect = 'deny' }\n",
    [
      '4:10 `[[test]] expect` lacks `effect` = write `effect = "deny"`',
      "4:12 unknown key `efect` in `[[test]] expect` = did you mean `effect`?",
    ],
  ],
  [
    "a test that expects no code",
    "version = 1\n[[test]]\ngiven = 'fs.read a'\nexpect = { effect = 'deny', code = 'E_POLICY' }\n",
    ["4:36 there is no code `E_POLICY`"],
  ],
  [
    "a test of no call",
    "version = 1\n[[test]]\ngiven = 3\nexpect = 'deny'\n",
    ['3:9 `given` takes a call, not an integer = write `given = { on = "fs.read", path = "src/a.ts" }`'],
  ],
  [
    "a test of a call that is cut off",
    "version = 1\n[[test]]\ngiven = 'fs.read'\nexpect = 'deny'\n",
    ["3:9 `fs.read` needs a path"],
  ],
  ["a never about nothing", "version = 1\n[[never]]\n", ['2:3 `[[never]]` lacks `on` = write `on = ["fs.write"]`']],
  [
    "a never with a path for requests",
    "version = 1\n[[never]]\non = 'net.*'\npath_not = 'out/**'\n",
    [
      "4:1 `path_not` does not apply to net.http_get, net.http_post, net.http_put, net.http_patch, net.http_delete = `path_not` is for fs.*",
    ],
  ],
  [
    "a never with an empty place",
    "version = 1\n[[never]]\non = 'fs.write'\npath_not = []\n",
    ["4:12 `path_not` is empty = remove it, or name a place"],
  ],
  [
    "a never with a bad pattern",
    "version = 1\n[[never]]\non = 'fs.write'\npath_not = ['out/**', 'a**']\n",
    ["4:23 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`"],
  ],
  [
    "a never with a bad host",
    "version = 1\n[[never]]\non = 'net.*'\nhost_not = 'a b'\n",
    [
      "4:12 a host pattern holds no white space and no `#` = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
    ],
  ],
  [
    "a never with a slip",
    "version = 1\n[[never]]\non = 'net.*'\nhosts = 'a'\n",
    ["4:1 unknown key `hosts` in `[[never]]` = did you mean `host`?"],
  ],
];

const problemsOf = (policy: string): readonly string[] => {
  const loaded = loadPolicyText(policy, { path: "p.toml", realPath: "/work/project/p.toml" }, diskWorld());
  if (loaded.ok) return [];
  return loaded.problems.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? "" : ` = ${hint}`}`,
  );
};

test.each(BAD)("%s does not load", (_title, policy, problems) => {
  expect(problems).not.toEqual([]);
  expect(problemsOf(policy)).toEqual(problems);
});

test("an operator by its name in another tool is understood, and told", () => {
  const problems = problemsOf(
    'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = "fs.write"\nwhen = { bytes = { gte = 1 } }\n',
  );
  expect(problems).toEqual(["6:20 `gte` is no operator = did you mean `ge`?"]);
});
