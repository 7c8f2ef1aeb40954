/** For tests only: whole policies in the dialect of Aegis and Denyx, built as their templates and examples are. */
export const DIALECT_POLICIES: Readonly<Record<string, string>> = {
  "one line": 'inherits = "secure-defaults"\n',

  "a python project": `
version = "1.0.0"
inherits = "secure-defaults"
name = "billing service"
description = "an agent that repairs tests"

[filesystem]
read_allow   = ["src/**", "tests/**", "pyproject.toml", "*.md"]
write_allow  = ["src/**", "tests/**"]
delete_allow = ["tests/tmp/**"]
deny         = ["**/.env.production", "secrets.yml", "config/*.toml"]

[environment]
allow_vars = ["PATH", "HOME", "LANG", "VIRTUAL_ENV"]

[subprocess]
allow_commands = ["python3", "pytest", "ruff", "git"]
deny_commands  = ["!python3"]

[subprocess.deny_args]
python3 = ["-c"]
git     = ["push --force", "reset --hard", "branch -D"]
`,

  "a node project": `
inherits = "secure-defaults"
requires_approval = ["fs.delete", "!subprocess.exec"]

[filesystem]
read_allow  = ["src/**", "test/**", "package.json", "package-lock.json", "~/.cache/app/**"]
write_allow = ["src/**", "test/**", "/tmp/app_*/**"]
deny        = ["package-lock.json"]

[network]
http_get_allow = ["*.npmjs.org", "api.github.com"]
deny_hosts     = ["evil.npmjs.org"]
deny_ips       = ["203.0.113.0/24"]

[subprocess]
allow_commands = ["node", "npm", "tsc"]
deny_commands  = ["!node"]
sandbox        = "bwrap"

[subprocess.deny_args]
npm  = ["publish", "unpublish"]
node = ["-e", "-p"]

[subprocess.requires_approval_args]
npm = ["install"]
`,

  "rails, before the rename": `
version = "1"
name = "shop"
confirm_per_call = ["fs.delete", "subprocess.exec", "database.write"]

[filesystem]
read_allow = ["app/**", "spec/**", "config/routes.rb", "Gemfile", "/tmp/work/**"]
write_allow = ["app/**", "spec/**"]
delete_allow = ["/tmp/work/**"]
deny = ["config/master.key", "**/credentials/*.key", "Gemfile.lock", "~/.gem/credentials", "/etc/**"]

[network]
http_get_allow = ["rubygems.org", "*.rubygems.org"]
http_post_allow = []
deny_ips = ["169.254.169.254"]

[environment]
allow_vars = ["USER", "RAILS_ENV"]
deny_vars = ["RAILS_MASTER_KEY", "SECRET_KEY_BASE"]

[subprocess]
allow_commands = ["rails", "rake", "bundle", "git", "cat"]
deny_commands = ["rm", "curl"]

[subprocess.deny_args]
rails = ["db:drop", "runner"]
bundle = ["add", "exec rails db:drop"]

[database]
deny_operations = ["DROP"]
[[database.connections]]
name = "shop_development"
read = true

[deployment]
deny_targets = ["production"]

[functions]
allow = ["fs.read", "fs.write", "net.http_get", "subprocess.exec", "env.read", "database.read"]
deny = ["fs.delete", "net.http_post"]
`,

  "looking, not touching": `
version = "1"
confirm_per_call = ["subprocess.exec"]

[filesystem]
read_allow = ["src/**", "**/*.md", "/var/log/app/**"]
write_allow = []
deny = ["**/.env*", "**/secrets/**"]

[network]
http_get_allow = ["sentry.io", "*.sentry.io", "api.example.com"]

[environment]
allow_vars = ["USER", "MONITORING_API_KEY"]

[subprocess]
allow_commands = ["git", "tail", "kubectl"]

[subprocess.deny_args]
git = ["push", "commit", "clean"]
kubectl = ["delete", "apply", "rollout undo", "exec"]

[functions]
allow = ["fs.read", "net.http_get", "subprocess.exec", "env.read"]
deny = ["fs.write", "fs.delete"]
`,

  "local-only values": `
inherits = "secure-defaults"

[filesystem]
read_allow      = ["notes/**"]
local_only_read = ["~/.config/app/token", "private/**"]

[network]
http_get_allow   = ["api.github.com", "localhost", "models-7.example.net"]
local_only_hosts = ["api.openai.com", "localhost", "models-?.example.net", "*"]

[environment]
allow_vars      = ["PATH"]
local_only_vars = ["MODEL_ENDPOINT"]

[runtime]
no_output_after_local_only_read = true
`,

  "local-only values and commands": `
inherits = "secure-defaults"
requires_approval = ["!subprocess.exec"]

[filesystem]
read_allow      = ["src/**"]
local_only_read = ["~/.config/app/token", "*.secret", "private/**"]

[subprocess]
allow_commands      = ["git"]
local_only_commands = ["openssl"]
sandbox             = "none"
`,

  "all limits": `
inherits = "secure-defaults"

[network]
timeout_seconds = 5

[runtime]
max_seconds        = 120000
max_callstack_size = 200
max_total_calls    = 50

[runtime.max_calls_per_capability]
"fs.read" = 20
"database.read" = 3
`,

  "tools in both forms": `
inherits = "secure-defaults"

[tools]
Read      = ["fs.read"]
Edit      = ["fs.read", "fs.write"]
WebSearch = { capabilities = ["net.http_get", "web.search"], backend_url = "https://search.example/?q=", backend_method = "get", description = "search" }
"no name" = ["fs.read"]

[network]
http_get_allow = ["search.example"]
`,

  "patterns that differ": `
version = "1.0.0"

[filesystem]
read_allow   = ["**", "./src/**", "docs/", "a//b", "log?/x*.txt", "rust-toolchain*", "{a,b}/*.c"]
delete_allow = ["out/**", "**"]
deny         = ["keys/*/id", "a?b", "v[!0-9]x", "*.{pem,key}", "x*y*z*w/u*v/end", "gone/", "top**end"]

[network]
http_get_allow = ["api-*.example.com", "{one,two}.example.com", "*", "host:8080", "https://x.example.com/v1", "127.0.0.1"]
deny_hosts     = ["*tracker*", "ads.{net,org}", "x-*.example.com"]

[environment]
allow_vars = ["APP_*", "DENYX_AUTH_TOKEN", "HOME"]
deny_vars  = ["APP_*"]

[subprocess]
allow_commands = ["/usr/bin/make", "bin/run", "npm test", "~/bin/x", "make"]
deny_commands  = ["/sbin/halt", "npm *"]
sandbox        = "landlock"
`,

  "entries taken out": `
inherits = "secure-defaults"
requires_approval = ["!fs.delete", "!database.write", "!net.http_get"]

[filesystem]
read_allow = ["a/**", "b/**", "!a/**", "~/.netrc"]
deny = ["!~/.netrc", "!**/nothing"]

[network]
deny_ips = ["!127.0.0.0/8"]

[subprocess]
allow_commands = ["sh", "find"]
deny_commands = ["!sh", "!zzz"]
[subprocess.deny_args]
find = ["-delete"]
`,
};
