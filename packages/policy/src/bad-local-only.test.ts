/** Every way to write local-only keys wrong, with its exact place and message. (A table, so longer than other files.) */
import { expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { TABLES, type TableName } from "./table-keys.ts";
import { diskWorld } from "./testing/disk-world.ts";

/**
 * What is wrong, the policy without its first line (`version = 1`), and every problem as `line:column message` or
 * `line:column message = hint`.
 */
const BAD: readonly (readonly [title: string, policy: string, problems: readonly string[]])[] = [
  [
    "a table instead of a list of tables",
    '[secret]\nname = "s"\n',
    ["2:2 `secret` takes a list of tables, not a table = write `[[secret]]`"],
  ],
  [
    "a text instead of a list of tables",
    'release = "x"\n',
    ["2:11 `release` takes a list of tables, not a string = write `[[release]]`"],
  ],
  [
    "a list of texts instead of tables",
    'label = ["x"]\n',
    ["2:10 `label` takes a list of tables; this is a string = write `[[label]]`"],
  ],
  [
    "an unknown key of each table",
    '[[secret]]\nnmae = "x"\nname = "s"\nenv = "S"\n[[secret.use]]\nhosts = "x"\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/"]\nslot = "query:k"\nresponse = "sealed"\n[[release]]\nfro = "x"\n[[label]]\nx = 1\n',
    [
      "3:1 unknown key `nmae` in `[[secret]]` = did you mean `name`?",
      "7:1 unknown key `hosts` in `[[secret.use]]` = did you mean `host`?",
      '13:3 `[[release]]` lacks `name` = write `name = "state"`',
      '13:3 `[[release]]` lacks `from` = write `from = "GET https://status.internal/state"`',
      '13:3 `[[release]]` lacks `type` = write `type = "bool"`',
      "14:1 unknown key `fro` in `[[release]]` = did you mean `from`?",
      '15:3 `[[label]]` lacks `name` = write `name = "notes"`',
      '15:3 `[[label]]` lacks `sources` = write `sources = ["file:~/notes/**"]`',
      '15:3 `[[label]]` lacks `sinks` = write `sinks = ["host:localhost:11434"]`',
      "16:1 unknown key `x` in `[[label]]` = there are: description, name, sinks, sources",
    ],
  ],
  [
    "everything missing",
    "[[secret]]\n[[secret.use]]\n[[release]]\n[[label]]\n",
    [
      '2:3 `[[secret]]` lacks `name` = write `name = "stripe"`',
      '2:3 `[[secret]]` lacks its source: exactly one of `env`, `file`, `command` and `from` = write `env = "STRIPE_KEY"`',
      '3:10 `[[secret.use]]` lacks `slot` = write `slot = "header:authorization"`',
      '3:10 `[[secret.use]]` lacks `response` = write `response = "sealed"`',
      '3:10 `[[secret.use]]` lacks `host` or `command` = write `host = "api.example.com"` or `command = ["git", "push", "origin", "*"]`',
      '4:3 `[[release]]` lacks `name` = write `name = "state"`',
      '4:3 `[[release]]` lacks `from` = write `from = "GET https://status.internal/state"`',
      '4:3 `[[release]]` lacks `type` = write `type = "bool"`',
      '5:3 `[[label]]` lacks `name` = write `name = "notes"`',
      '5:3 `[[label]]` lacks `sources` = write `sources = ["file:~/notes/**"]`',
      '5:3 `[[label]]` lacks `sinks` = write `sinks = ["host:localhost:11434"]`',
    ],
  ],
  [
    "a secret of wrong types",
    '[[secret]]\nname = 1\nenv = 2\ndata = "yes"\nfield = []\ndescription = true\nuse = "x"\n',
    [
      "3:8 `name` takes a string, not an integer",
      "4:7 `env` takes a string, not an integer",
      "5:8 `data` takes `true` or `false`, not a string",
      "6:9 `field` takes a string, not a list",
      "7:15 `description` takes a string, not a boolean",
      "8:7 `use` takes a list of tables, not a string = write `[[secret.use]]`",
    ],
  ],
  [
    "a name that is none",
    '[[secret]]\nname = "a b"\nenv = "S"\n',
    ["3:8 `a b` is no name: up to 64 letters, digits, `_` and `-`, beginning with a letter"],
  ],
  [
    "two secrets, releases and labels of one name",
    '[filesystem]\nlocal_only_read = ["n/**"]\nlocal_only_write = ["n/**"]\n[[secret]]\nname = "s"\nenv = "S"\n[[secret]]\nname = "S"\nenv = "T"\n[network]\nlocal_only_hosts = ["h.example"]\n[[release]]\nname = "r"\nfrom = "GET https://h.example/x"\ntype = "bool"\n[[release]]\nname = "r"\nfrom = "GET https://h.example/x"\ntype = "bool"\n[[label]]\nname = "l"\nsources = ["file:n/**"]\nsinks = ["file:n/**"]\n[[label]]\nname = "l"\nsources = ["file:n/**"]\nsinks = ["file:n/**"]\n',
    [
      "7:7 `S` means the secret `S` already = declare it once, with several uses",
      "9:8 there is another secret `S` in p.toml:5 = rename one of them",
      "18:8 there is another release `r` in p.toml:13 = rename one of them",
      "26:8 there is another label `l` in p.toml:21 = rename one of them",
    ],
  ],
  [
    "two sources",
    '[[secret]]\nname = "s"\nenv = "S"\nfile = "x"\n',
    ["5:8 a secret has one source, and `env` is given already = keep one of them"],
  ],
  [
    "no variable as source",
    '[[secret]]\nname = "a"\nenv = "A B"\n[[secret]]\nname = "b"\nenv = "LD_PRELOAD"\n',
    [
      "4:7 `A B` is not the name of one variable",
      "7:7 `LD_PRELOAD` says how processes are started; it holds no secret",
    ],
  ],
  [
    "one variable for two secrets",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret]]\nname = "t"\nenv = "S"\n[[secret]]\nname = "u"\nenv = "T"\n',
    ["7:7 `S` means the secret `s` already = declare it once, with several uses"],
  ],
  [
    "sources that are no file",
    '[[secret]]\nname = "a"\nfile = "x/*"\n[[secret]]\nname = "b"\nfile = "x/"\n[[secret]]\nname = "c"\nfile = "(("\n[[secret]]\nname = "d"\nfile = "../../../../x"\n',
    [
      "4:8 the source of a secret is one file, named without wildcards = write `\\*` for the character",
      "7:8 the source of a secret is one file, named without wildcards = write `\\*` for the character",
      "13:8 the pattern climbs above `/`",
    ],
  ],
  [
    "sources that are no command",
    '[[secret]]\nname = "a"\ncommand = []\n[[secret]]\nname = "b"\ncommand = "op read"\n[[secret]]\nname = "c"\ncommand = ["op read"]\n[[secret]]\nname = "d"\ncommand = ["op", "a\\u0001"]\n',
    [
      "4:11 `command` is empty",
      '7:11 `command` takes a list of strings, not a string = write `command = ["op read"]`',
      "10:12 a command is named without arguments = write `op`, and limit it with `deny_args`",
      "13:18 a word of the command holds a control character",
    ],
  ],
  [
    "fields that are no path",
    '[[secret]]\nname = "a"\nenv = "A"\nfield = "a..b"\n',
    ['5:9 `field` is a path of names with dots between them = write `field = "db.password"`'],
  ],
  [
    "exchanges",
    '[[secret]]\nname = "a"\nfrom = { secret = "b", url = "https://a.example/t", field = "x" }\n[[secret]]\nname = "b"\nfrom = { secret = "a", url = "https://a.example/t", field = "x" }\n[[secret]]\nname = "c"\nfrom = { secret = "bb", url = "http://a.example/t", field = "x" }\n[[secret]]\nname = "d"\nfield = "y"\nfrom = { url = "nope", fild = "x" }\n[[secret]]\nname = "e"\nfrom = "b"\n',
    [
      "4:19 the secret is made from itself: a <- b <- a",
      "7:19 the secret is made from itself: b <- a <- b",
      "10:19 there is no secret `bb` = did you mean `b`?",
      "10:31 what is sealed goes to other machines over https only = write a URL that begins with `https://`",
      '13:9 the field of an exchange stands inside `from` = write `from = { ..., field = "..." }`',
      '14:8 `[[secret]] from` lacks `secret` = write `secret = "client"`',
      '14:8 `[[secret]] from` lacks `field` = write `field = "access_token"`',
      "14:24 unknown key `fild` in `[[secret]] from` = did you mean `field`?",
      '17:8 `from` takes a table, not a string = write `from = { secret = "client" }`',
    ],
  ],
  [
    "a use of both kinds",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n',
    ["5:10 a use has either `host` or `command` = write two uses"],
  ],
  [
    "a response that is missing or unknown (P2)",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x"\nresponse = "pubic"\n',
    [
      '5:10 `[[secret.use]]` lacks `response` = write `response = "sealed"`',
      '15:12 `response` takes one of "public", "sealed" = did you mean `public`?',
    ],
  ],
  [
    "hosts with wildcards (P3)",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = ["*.a.example", "*"]\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n',
    [
      "6:9 `*.a.example` stands for many hosts, and each of them would get the secret = name the host, or say so with `wildcard = true`",
      "6:24 a secret can not go to every host = name the host",
    ],
  ],
  [
    "hosts that send back what they are sent (P4)",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = ["httpbin.org", "x.ngrok.io", "webhook.site"]\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n',
    [
      '6:9 `httpbin.org` sends back what it is sent, so a public answer would hold the secret = write `response = "sealed"`',
      '6:24 `ngrok.io` sends back what it is sent, so a public answer would hold the secret = write `response = "sealed"`',
      '6:38 `webhook.site` sends back what it is sent, so a public answer would hold the secret = write `response = "sealed"`',
    ],
  ],
  [
    "this machine without a port (P6)",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = ["localhost", "localhost:*", "127.0.0.1"]\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n',
    [
      "6:9 `localhost` is this machine: a grant needs a port = write `localhost:PORT`",
      "6:22 on this machine a port is named: what listens on another is not known = write `localhost:11434`",
      "6:37 `127.0.0.1` is this machine: a grant needs a port = write `127.0.0.1:PORT`",
    ],
  ],
  [
    "plain http (P7)",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "http://a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n',
    ["6:8 what is sealed goes to other machines over https only = write the host without `http://`"],
  ],
  [
    "a path in the host",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example/v1"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n',
    ["6:8 the path of a use stands in `paths`, not in `host`"],
  ],
  [
    "no hosts, methods, paths",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = []\nmethods = []\npaths = []\nslot = "header:x-key"\nresponse = "public"\n',
    [
      "6:8 `host` is empty, so the use could never be",
      "7:11 `methods` is empty, so the use could never be",
      "8:9 `paths` is empty, so the use could never be",
    ],
  ],
  [
    "methods and paths that are missing",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nslot = "header:x-key"\nresponse = "public"\n',
    [
      '5:10 a use at a host lacks `methods` = write `methods = ["GET"]`',
      '5:10 a use at a host lacks `paths` = write `paths = ["/v1/**"]`, or `["/**"]` for all',
    ],
  ],
  [
    "methods and paths that are none",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nmethods = ["get", "TRACE"]\npaths = ["v1", "/a?b", "/x)"]\nslot = "header:x-key"\nresponse = "public"\n',
    [
      "7:12 `get` is not a method = did you mean `GET`?",
      "7:19 `TRACE` is not a method = there are: GET, HEAD, POST, PUT, PATCH, DELETE",
      "8:10 a path begins with `/` = write `/v1`",
      "8:16 a query can not be matched = end the pattern before the `?`, or use `*`",
    ],
  ],
  [
    "slots that are none",
    '[[secret]]\nname = "s0"\nenv = "S0"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:Cookie"\nresponse = "public"\n[[secret]]\nname = "s1"\nenv = "S1"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:host"\nresponse = "public"\n[[secret]]\nname = "s2"\nenv = "S2"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:Content-Length"\nresponse = "public"\n[[secret]]\nname = "s3"\nenv = "S3"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:a b"\nresponse = "public"\n[[secret]]\nname = "s4"\nenv = "S4"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "query:a&b"\nresponse = "public"\n[[secret]]\nname = "s5"\nenv = "S5"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "haeder:x"\nresponse = "public"\n[[secret]]\nname = "s6"\nenv = "S6"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "authorization"\nresponse = "public"\n',
    [
      "9:8 `cookie` is no slot: it frames the request, or outlives it = write `header:authorization`",
      "18:8 `host` is no slot: it frames the request, or outlives it = write `header:authorization`",
      "27:8 `content-length` is no slot: it frames the request, or outlives it = write `header:authorization`",
      "36:8 `a b` is not the name of a header",
      "45:8 `a&b` is not the name of a query parameter",
      "54:8 the slot of a request is `header:NAME` or `query:NAME` = did you mean `header`?",
      "63:8 the slot of a request is `header:NAME` or `query:NAME`",
    ],
  ],
  [
    "formats that are none",
    '[[secret]]\nname = "s0"\nenv = "S0"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nformat = "Bearer"\nresponse = "public"\n[[secret]]\nname = "s1"\nenv = "S1"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nformat = "{} {}"\nresponse = "public"\n[[secret]]\nname = "s2"\nenv = "S2"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nformat = "{x}"\nresponse = "public"\n[[secret]]\nname = "s3"\nenv = "S3"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nformat = "é {}"\nresponse = "public"\n[[secret]]\nname = "s4"\nenv = "S4"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nformat = "sigv4"\nresponse = "public"\n[[secret]]\nname = "s5"\nenv = "S5"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nformat = "sigv4:eu-central-1/s3"\nresponse = "public"\n',
    [
      "10:10 `format` holds one placeholder: `{}`, `{basic}`, `{hmac}` or `{jwt}` = write `Bearer {}`, `token {}`, `Basic {}`, or `sigv4:REGION/SERVICE`",
      "20:10 `format` holds one placeholder: `{}`, `{basic}`, `{hmac}` or `{jwt}` = write `Bearer {}`, `token {}`, `Basic {}`, or `sigv4:REGION/SERVICE`",
      "30:10 `format` holds one placeholder: `{}`, `{basic}`, `{hmac}` or `{jwt}` = write `Bearer {}`, `token {}`, `Basic {}`, or `sigv4:REGION/SERVICE`",
      "40:10 `format` is up to 200 characters of plain text",
      "50:10 a signature is written `sigv4:REGION/SERVICE` = write `sigv4:eu-central-1/s3`",
      "60:10 a signature stands in the slot `header:authorization`",
    ],
  ],
  [
    "an outcome of a public answer, and numbers without outcomes",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\noutcome = "ok"\n[[secret]]\nname = "t"\nenv = "T"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\nper_run = 3\n',
    [
      "11:11 `outcome` is for sealed answers; of a public one everything is seen",
      '21:11 `per_run` counts outcomes, and this use has none = write `outcome = "ok"`',
    ],
  ],
  [
    "an outcome that is none",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\noutcome = "status"\nper_run = 0\n',
    ['10:11 `outcome` takes "ok"', "11:11 `per_run` must lie between 1 and 10000"],
  ],
  [
    "keys of the other kind of use",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\nremote = "https://a.example/"\n[[secret]]\nname = "t"\nenv = "T"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\nmethods = ["GET"]\nwildcard = true\nformat = "{}"\npaths = ["/"]\n',
    [
      "11:10 `remote` is for uses with `command` = remove it",
      "20:11 `methods` is for uses with `host` = remove it",
      "21:12 `wildcard` is for uses with `host` = remove it",
      "22:10 `format` is for uses with `host` = remove it",
      "23:9 `paths` is for uses with `host` = remove it",
    ],
  ],
  [
    "askpass without a remote, and for another program",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nresponse = "sealed"\n[[secret]]\nname = "t"\nenv = "T"\n[[secret.use]]\ncommand = ["curl", "push"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n',
    [
      '5:10 `askpass` needs `remote` = write `remote = "https://github.com/me/project.git"`',
      '14:8 `askpass` is for git = write `slot = "env:NAME"` or `slot = "stdin"`',
    ],
  ],
  [
    "remotes that are none",
    '[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "http://a.example/r.git"\nresponse = "sealed"\n[[secret]]\nname = "t"\nenv = "T"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "https://a.example/r.git?x"\nresponse = "sealed"\n[[secret]]\nname = "u"\nenv = "U"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "git@github.com:a/b"\nresponse = "sealed"\n[[secret]]\nname = "v"\nenv = "V"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "stdin"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n',
    [
      "8:10 what is sealed goes to other machines over https only = write a URL that begins with `https://`",
      "16:10 the URL of a remote has no query and no fragment",
      "24:10 the URL `git@github.com:a/b` is not an absolute URL",
      '32:10 `remote` is for `slot = "askpass"`',
    ],
  ],
  [
    "slots of commands that are none",
    '[[secret]]\nname = "s0"\nenv = "S0"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "env:PATH"\nresponse = "sealed"\n[[secret]]\nname = "s1"\nenv = "S1"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "env:LD_PRELOAD"\nresponse = "sealed"\n[[secret]]\nname = "s2"\nenv = "S2"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "env:GIT_ASKPASS"\nresponse = "sealed"\n[[secret]]\nname = "s3"\nenv = "S3"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "env:a-b"\nresponse = "sealed"\n[[secret]]\nname = "s4"\nenv = "S4"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "akspass"\nresponse = "sealed"\n',
    [
      "7:8 `PATH` is no slot: it says what a command loads, finds or talks to",
      "14:8 `LD_PRELOAD` is no slot: it says what a command loads, finds or talks to",
      "21:8 `GIT_ASKPASS` is no slot: it says what a command loads, finds or talks to",
      "28:8 the slot of a command is `askpass`, `env:NAME` or `stdin`",
      "35:8 the slot of a command is `askpass`, `env:NAME` or `stdin` = did you mean `askpass`?",
    ],
  ],
  [
    "words of a command that are none",
    '[[secret]]\nname = "s0"\nenv = "S0"\n[[secret.use]]\ncommand = []\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n[[secret]]\nname = "s1"\nenv = "S1"\n[[secret.use]]\ncommand = ["*", "x"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n[[secret]]\nname = "s2"\nenv = "S2"\n[[secret.use]]\ncommand = ["git", "**", "x"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n[[secret]]\nname = "s3"\nenv = "S3"\n[[secret.use]]\ncommand = ["git", "ma*"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n[[secret]]\nname = "s4"\nenv = "S4"\n[[secret.use]]\ncommand = ["git", "a\\u0001"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n',
    [
      "6:11 `command` is empty, so the use could never be",
      "14:12 a command is a plain name or path, without wildcards = list the commands one by one",
      "22:19 `**` stands for all further words, so it is the last one = write `*` for one word",
      "30:19 `*` stands for a whole word = write `*` alone, or the word",
      "38:19 a word of the command holds a control character",
    ],
  ],
  [
    "uses where everything is local-only",
    '[network]\nlocal_only_hosts = ["a.example:*", "localhost:80"]\n[subprocess]\nlocal_only_commands = ["git"]\n[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n[[secret]]\nname = "t"\nenv = "T"\n[[secret.use]]\nhost = "http://127.0.0.1:80"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n[[secret]]\nname = "u"\nenv = "U"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "public"\n',
    [
      '14:12 `local_only_hosts` makes its answers local-only = write `response = "sealed"`',
      '23:12 `local_only_hosts` makes its answers local-only = write `response = "sealed"`',
      '31:12 `local_only_commands` makes its answers local-only = write `response = "sealed"`',
    ],
  ],
  [
    "uses in mode redact",
    '[local_only]\nmode = "redact"\n[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "public"\n',
    [
      '7:10 with `[local_only] mode = "redact"` there are no uses of secrets = remove the uses, or write `mode = "sealed"`',
    ],
  ],
  [
    "local-only hosts in the open (P6, P7)",
    '[network]\nlocal_only_hosts = ["http://h.example", "localhost:*", "*", "10.0.0.1"]\n',
    [
      "3:21 what is sealed goes to other machines over https only = write the host without `http://`",
      "3:41 on this machine a port is named: what listens on another is not known = write `localhost:11434`",
      "3:56 sealed data can not go to every host = name the hosts",
    ],
  ],
  [
    "a local-only machine without a port (P6)",
    '[network]\nlocal_only_hosts = ["localhost"]\n',
    ["3:21 `localhost` is this machine: a grant needs a port = write `localhost:PORT`"],
  ],
  [
    "local-only lists of the wrong kind",
    '[filesystem]\nlocal_only_read = "x"\nlocal_only_write = ["a**", 3]\n[environment]\nlocal_only_vars = ["A B"]\n[subprocess]\nlocal_only_commands = ["git push"]\n[network]\nlocal_only_hosts = [""]\n',
    [
      '3:19 `local_only_read` takes a list of strings, not a string = write `local_only_read = ["x"]`',
      "4:21 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`",
      "4:28 `local_only_write` takes a list of strings; this is an integer",
      "6:20 `A B` is not the name of a variable = write a name; `*` and `?` are wildcards",
      "8:24 a command is named without arguments = write `git`, and limit it with `deny_args`",
      "10:21 the host is empty = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
    ],
  ],
  [
    "an unknown key of local_only",
    '[local_only]\nmod = "sealed"\n[local_only.compute]\nful = 1\n',
    [
      "3:1 unknown key `mod` in `[local_only]` = did you mean `mode`?",
      "5:1 unknown key `ful` in `[local_only.compute]` = did you mean `fuel`?",
    ],
  ],
  [
    "values of local_only that are none",
    '[local_only]\nmode = "reduct"\nprofile = "lax"\nsettle = "1s"\nmax_waits = -1\nmax_release_bits_per_day = 1.5\ncompute = { fuel = 0, wall = 2, memory = "1KiB", output = "x" }\n',
    [
      '3:8 `mode` takes one of "sealed", "redact" = did you mean `redact`?',
      '4:11 `profile` takes one of "default", "strict", "relaxed"',
      '5:10 `settle` takes a list of durations = write `settle = ["1s", "10s", "2m"]`',
      "6:13 `max_waits` must lie between 0 and 100",
      "7:28 `max_release_bits_per_day` takes a whole number = write `100`",
      "8:20 `fuel` must lie between 1 and 1000000",
      '8:30 `wall` takes a duration = write `"2s"` or `"500ms"`',
      "8:42 `memory` must lie between 1MiB and 1GiB",
      '8:59 `output` takes a size in whole bytes = write `"64MiB"`, `"10MB"`, `"4KiB"` or a number of bytes',
    ],
  ],
  [
    "ticks that are none",
    '[local_only]\nsettle = [1, "2"]\n',
    ['3:10 `settle` takes durations such as "10s" = write `settle = ["1s", "10s", "2m"]`'],
  ],
  ["ticks that fall", '[local_only]\nsettle = ["2s", "1s"]\n', ["3:10 durations of `settle` must ascend"]],
  [
    "ticks out of range",
    '[local_only]\nsettle = ["1ms"]\n',
    ["3:10 durations of `settle` must lie between 50ms and 1h"],
  ],
  [
    "too many ticks",
    '[local_only]\nsettle = ["1s", "2s", "3s", "4s", "5s", "6s", "7s", "8s", "9s", "10s", "11s", "12s", "13s", "14s", "15s", "16s", "17s"]\n',
    ["3:10 `settle` has more than 16 durations"],
  ],
  [
    "strict with two ticks",
    '[local_only]\nprofile = "strict"\nsettle = ["1s", "2s"]\n',
    ['4:10 `profile = "strict"` has exactly one tick = write `settle = ["30s"]`'],
  ],
  [
    "relaxed with ticks",
    '[local_only]\nprofile = "relaxed"\nsettle = ["1s"]\n',
    ['4:10 `profile = "relaxed"` has no ticks = remove `settle`'],
  ],
  [
    "no ticks",
    "[local_only]\nsettle = []\n",
    ['3:10 a clock without ticks never settles = write `settle = ["1s", "10s", "2m"]`, or `profile = "relaxed"`'],
  ],
  [
    "writing beside what is public (P1)",
    '[filesystem]\nread_allow = ["src/**", "out"]\nlocal_only_write = ["src/a.md", "src/*/b.md", "**/c.md", "out/d.md"]\n',
    [
      "4:21 writing there shows in the directory above, which `filesystem.read_allow[0]` makes public = name a directory of its own, as `private/**`",
      "4:33 writing there shows in the directory above, which `filesystem.read_allow[0]` makes public = name a directory of its own, as `private/**`",
      "4:47 writing there shows in the directory above, which `filesystem.read_allow[0]` makes public = name a directory of its own, as `private/**`",
      "4:58 writing there shows in the directory above, which `filesystem.read_allow[1]` makes public = name a directory of its own, as `private/**`",
    ],
  ],
  [
    "a directory of which the parent is listed by pattern (P1)",
    '[filesystem]\nread_allow = ["*"]\nlocal_only_write = ["a/b/*/**", "x/*.md"]\n',
    [
      "4:33 writing there shows in the directory above, which `filesystem.read_allow[0]` makes public = name a directory of its own, as `private/**`",
    ],
  ],
  [
    "patterns that a jail can not name (P1)",
    '[filesystem]\nlocal_only_read = ["**/*.key", "a/*.md", "b/**", "c.md"]\n[subprocess]\nallow_commands = ["git"]\n',
    [
      "3:20 commands are allowed, and a jail hides only what it can name: one path, or a directory and all of it = write `notes/**` or `notes/a.md`",
      "3:32 commands are allowed, and a jail hides only what it can name: one path, or a directory and all of it = write `notes/**` or `notes/a.md`",
    ],
  ],
  [
    "commands without a jail (P8)",
    '[environment]\nlocal_only_vars = ["A"]\n[subprocess]\nallow_commands = ["git"]\nsandbox = "none"\n',
    [
      '6:11 commands without a jail can read what is local-only = write `sandbox = "auto"`, or accept it with `accept_unsandboxed_commands = true`',
    ],
  ],
  [
    "commands of secrets without a jail (P8)",
    '[subprocess]\nsandbox = "none"\n[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\ncommand = ["git", "push"]\nslot = "askpass"\nremote = "https://a.example/r.git"\nresponse = "sealed"\n',
    [
      '3:11 commands without a jail can read what is local-only = write `sandbox = "auto"`, or accept it with `accept_unsandboxed_commands = true`',
    ],
  ],
  [
    "strict without a jail, though accepted (P8)",
    '[local_only]\nprofile = "strict"\n[environment]\nlocal_only_vars = ["A"]\n[subprocess]\nlocal_only_commands = ["git"]\nsandbox = "none"\naccept_unsandboxed_commands = true\n',
    [
      '8:11 commands without a jail can read what is local-only, and `profile = "strict"` takes no exception = write `sandbox = "auto"`',
    ],
  ],
  [
    "releases from nowhere",
    '[[release]]\nname = "r0"\nfrom = "https://h.example/"\ntype = "bool"\n[[release]]\nname = "r1"\nfrom = "HEAD https://h.example/"\ntype = "bool"\n[[release]]\nname = "r2"\nfrom = "GET /x"\ntype = "bool"\n[[release]]\nname = "r3"\nfrom = "GET nope:x"\ntype = "bool"\n[[release]]\nname = "r4"\nfrom = "file:a/*"\ntype = "bool"\n[[release]]\nname = "r5"\nfrom = "file:(("\ntype = "bool"\n',
    [
      "4:8 `https://h.example/` is not the source of a release = write `GET https://status.internal/state` or `file:~/state.json`",
      "8:8 `HEAD https://h.example/` is not the source of a release = write `GET https://status.internal/state` or `file:~/state.json`",
      "12:8 the URL `/x` is not an absolute URL",
      "16:8 the URL `nope:x` has another scheme than http and https",
      "20:8 a release is from one file, named without wildcards",
    ],
  ],
  [
    "parts that are none",
    '[network]\nlocal_only_hosts = ["h.example"]\n[[release]]\nname = "r"\nfrom = "GET https://h.example/x"\ntype = "bool"\nselect = "a.b"\n',
    ['8:10 `select` is a path to one value = write `select = "$.a.b[0]"`'],
  ],
  [
    "types that are none",
    '[network]\nlocal_only_hosts = ["h.example"]\n[[release]]\nname = "r0"\nfrom = "GET https://h.example/x"\ntype = "text"\n[[release]]\nname = "r1"\nfrom = "GET https://h.example/x"\ntype = {}\n[[release]]\nname = "r2"\nfrom = "GET https://h.example/x"\ntype = { enum = ["a"], int = [1, 2] }\n[[release]]\nname = "r3"\nfrom = "GET https://h.example/x"\ntype = { enum = [] }\n[[release]]\nname = "r4"\nfrom = "GET https://h.example/x"\ntype = { enum = "a" }\n[[release]]\nname = "r5"\nfrom = "GET https://h.example/x"\ntype = { int = [2, 1] }\n[[release]]\nname = "r6"\nfrom = "GET https://h.example/x"\ntype = { int = "1" }\n[[release]]\nname = "r7"\nfrom = "GET https://h.example/x"\ntype = { pattern = "a" }\n[[release]]\nname = "r8"\nfrom = "GET https://h.example/x"\ntype = { text = 0 }\n[[release]]\nname = "r9"\nfrom = "GET https://h.example/x"\ntype = { text = 3, max = 3 }\n[[release]]\nname = "r10"\nfrom = "GET https://h.example/x"\ntype = { enm = ["a"] }\n[[release]]\nname = "r11"\nfrom = "GET https://h.example/x"\ntype = 3\n[[release]]\nname = "r12"\nfrom = "GET https://h.example/x"\ntype = { enum = ["a\\u0001"] }\n',
    [
      '7:8 `text` is not a type = write `type = "bool"`, `{ enum = ["green", "red"] }`, `{ int = [0, 100] }`, `{ pattern = "[a-z]+", max = 12 }` or `{ text = 64 }`',
      '11:8 a type has exactly one of `enum`, `int`, `pattern` and `text` = write `type = "bool"`, `{ enum = ["green", "red"] }`, `{ int = [0, 100] }`, `{ pattern = "[a-z]+", max = 12 }` or `{ text = 64 }`',
      '15:8 a type has exactly one of `enum`, `int`, `pattern` and `text` = write `type = "bool"`, `{ enum = ["green", "red"] }`, `{ int = [0, 100] }`, `{ pattern = "[a-z]+", max = 12 }` or `{ text = 64 }`',
      "19:17 `enum` is empty, so nothing could be released",
      '23:17 `enum` takes a list of strings, not a string = write `enum = ["a"]`',
      "27:16 `int` takes two whole numbers, the smaller first = write `int = [0, 100]`",
      "31:16 `int` takes two whole numbers, the smaller first = write `int = [0, 100]`",
      "35:20 `pattern` needs `max`, the longest text that it releases = write `max = 12`",
      "39:17 `text` must lie between 1 and 4096",
      "43:26 `max` is for `pattern` = remove it",
      '47:8 a type has exactly one of `enum`, `int`, `pattern` and `text` = write `type = "bool"`, `{ enum = ["green", "red"] }`, `{ int = [0, 100] }`, `{ pattern = "[a-z]+", max = 12 }` or `{ text = 64 }`',
      "47:10 unknown key `enm` in `[[release]] type` = did you mean `enum`?",
      "51:8 `type` takes a string or a table, not an integer",
      "55:18 a value is up to 200 characters on one line",
    ],
  ],
  [
    "patterns of releases that are none",
    '[network]\nlocal_only_hosts = ["h.example"]\n[[release]]\nname = "r0"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'(a+)+\', max = 9 }\n[[release]]\nname = "r1"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'.*\', max = 9 }\n[[release]]\nname = "r2"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'^a$\', max = 9 }\n[[release]]\nname = "r3"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'[^a]\', max = 9 }\n[[release]]\nname = "r4"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'a**\', max = 9 }\n[[release]]\nname = "r5"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'*a\', max = 9 }\n[[release]]\nname = "r6"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'a*b*c*d*e*\', max = 9 }\n[[release]]\nname = "r7"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'é\', max = 9 }\n[[release]]\nname = "r8"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'\', max = 9 }\n[[release]]\nname = "r9"\nfrom = "GET https://h.example/x"\ntype = { pattern = \'[z-a]\', max = 9 }\n',
    [
      "7:20 `(` is not understood in a pattern = known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them",
      "11:20 `.` is not understood in a pattern = known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them",
      "15:20 `^` is not understood in a pattern = known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them",
      "19:20 `[` is not understood in a pattern = known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them",
      "23:20 a repetition follows one character or class = known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them",
      "27:20 a repetition follows one character or class = known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them",
      "31:20 a pattern has at most 4 repetitions of no fixed number = write `{3}` where the number is known",
      "35:20 a pattern is written in plain ASCII",
      "39:20 a pattern has 1 to 200 characters",
      "43:20 a range in `[z-a]` does not go from one character to another = known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them",
    ],
  ],
  [
    "budgets that are none",
    '[network]\nlocal_only_hosts = ["h.example"]\n[[release]]\nname = "r"\nfrom = "GET https://h.example/x"\ntype = "bool"\nper_run = 0\nper_day = "3"\nelse = "a\\nb"\n',
    [
      "8:11 `per_run` must lie between 1 and 10000",
      "9:11 `per_day` takes a whole number, not a string",
      "10:8 `else` is up to 200 characters on one line",
    ],
  ],
  [
    "releases that can say too much (P10)",
    '[local_only]\nmax_release_bits_per_day = 100\n[network]\nlocal_only_hosts = ["h.example"]\n[[release]]\nname = "r"\nfrom = "GET https://h.example/x"\ntype = "bool"\nper_day = 64\n',
    [
      "3:28 the releases can say up to 102 bits a day, more than 100 = give a release a narrower type or a smaller `per_day`",
    ],
  ],
  [
    "releases without a bound for the day (P10)",
    '[local_only]\nmax_release_bits_per_day = 100\n[network]\nlocal_only_hosts = ["h.example"]\n[[release]]\nname = "r"\nfrom = "GET https://h.example/x"\ntype = "bool"\n',
    ["6:3 `max_release_bits_per_day` needs every release to have `per_day` = write `per_day = 100`"],
  ],
  [
    "labels that are none",
    '[[label]]\nname = "local"\nsources = ["file:n/**"]\nsinks = ["file:n/**"]\n[[label]]\nname = "l"\nsources = []\nsinks = ["file:n/**"]\n[[label]]\nname = "m"\nsources = ["fiel:x", "file:((", "host:", "env:A B", "x"]\nsinks = ["command:"]\n',
    [
      "3:8 `local` is a label of the language itself = choose another name",
      "8:11 a label without sources names nothing",
      "9:10 what is written there would lose its label when it is read again = add `file:n/**` to `sources`",
      "12:12 `fiel:x` is not a place = did you mean `file`?",
      "12:33 the host is empty = write `api.example.com`, `*.example.com`, `localhost:3000` or `https://api.example.com:8443/v1/**`",
      "12:42 `env:A B` is not a place = write `file:~/notes/**`, `host:localhost:11434`, `env:NAME` or `command:NAME`",
      "12:53 `x` is not a place = write `file:~/notes/**`, `host:localhost:11434`, `env:NAME` or `command:NAME`",
      "13:10 `command:` is not a place = write `file:~/notes/**`, `host:localhost:11434`, `env:NAME` or `command:NAME`",
    ],
  ],
  [
    "a sink that would lose its label",
    '[[label]]\nname = "l"\nsources = ["file:n/**"]\nsinks = ["file:n/a/**", "file:m/**"]\n',
    ["5:25 what is written there would lose its label when it is read again = add `file:m/**` to `sources`"],
  ],
];

const problemsOf = (policy: string): readonly string[] => {
  const from = { path: "p.toml", realPath: "/work/project/p.toml" };
  const loaded = loadPolicyText(`version = 1\n${policy}`, from, diskWorld());
  if (loaded.ok) return [];
  return loaded.problems.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? "" : ` = ${hint}`}`,
  );
};

test.each(BAD)("%s does not load", (_title, policy, problems) => {
  expect(problems).not.toEqual([]);
  expect(problemsOf(policy)).toEqual(problems);
});

/** `[[table]]` is for files of tests: test-file.test.ts. */
type PolicyTable = Exclude<TableName, "table">;

const HEADS: Readonly<Record<PolicyTable, string>> = {
  rule: "[[rule]]\n",
  "rule.limit": "[[rule]]\nlimit = { ",
  test: "[[test]]\n",
  "test.expect": "[[test]]\nexpect = { ",
  never: "[[never]]\n",
  secret: "[[secret]]\n",
  "secret.from": "[[secret]]\nfrom = { ",
  "secret.use": "[[secret]]\n[[secret.use]]\n",
  release: "[[release]]\n",
  "release.type": "[[release]]\ntype = { ",
  label: "[[label]]\n",
};

const KEYS_OF_TABLES = Object.entries(TABLES)
  .filter(([table]) => table !== "table")
  .flatMap(([table, fields]) => Object.keys(fields).map((key) => [table as PolicyTable, key] as const));

test.each(KEYS_OF_TABLES)("a time of day is no value in `%s` for `%s`, and is found at its place", (table, key) => {
  const head = HEADS[table];
  const problems = problemsOf(`${head}${key} = 07:32:00${head.endsWith("{ ") ? " }" : ""}\n`);
  const lines = head.split("\n");
  const place = `${lines.length + 1}:${(lines.at(-1) ?? "").length + key.length + 4}`;
  expect(problems.some((problem) => problem.startsWith(`${place} \`${key}\` takes `))).toBe(true);
});

test("no value in any place of a table makes the load throw", () => {
  const values = [
    ...[
      "1",
      "-1",
      "1.5",
      "true",
      "[]",
      "{}",
      "[[]]",
      "[{}]",
      '[""]',
      '"*"',
      '"**"',
      '"("',
      '"file:"',
      '"$"',
      '"sigv4:"',
    ],
    ...[
      '"\\u0000"',
      '"__proto__"',
      '["__proto__"]',
      "{ __proto__ = 1 }",
      '"https://[::1]:0/"',
      '"GET https://a b"',
      '"a:b:c"',
    ],
  ];
  for (const [table, key] of KEYS_OF_TABLES) {
    for (const value of values) {
      const head = HEADS[table];
      const policy = `${head}${key} = ${value}${head.endsWith("{ ") ? " }" : ""}\n`;
      expect(problemsOf(policy).length, policy).toBeGreaterThan(0);
    }
  }
});
