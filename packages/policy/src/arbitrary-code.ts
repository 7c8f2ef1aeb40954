/**
 * Commands that run whatever code they are given, by argument, file or project. Granting one is the operator's choice
 * and works; but the grant means more than it says, so `policy validate`, `explain` and the banner name it.
 */
import { programNames } from "./command.ts";

const KINDS: readonly (readonly [what: string, names: string])[] = [
  ["a shell", "sh bash dash zsh ksh mksh fish csh tcsh ash rbash nu elvish xonsh pwsh powershell busybox toybox"],
  [
    "an interpreter",
    "node nodejs deno bun python pypy ruby perl php lua luajit tclsh wish expect rscript r julia guile",
  ],
  [
    "an interpreter",
    "racket clojure elixir iex erl escript ghci runghc ocaml scala groovy kotlin jshell java osascript",
  ],
  [
    "an interpreter",
    "sqlite3 sqlite psql mysql mariadb mongosh redis-cli gnuplot octave bc m4 jq-script tsx ts-node irb",
  ],
  [
    "a package runner",
    "npx npm pnpm pnpx yarn yarnpkg bunx corepack pip pipx uv uvx poetry pdm hatch conda gem bundle",
  ],
  [
    "a package runner",
    "bundler composer cargo go dotnet nix nix-shell nix-build brew apt apt-get dpkg rpm yum dnf apk snap",
  ],
  [
    "a build tool",
    "make gmake bmake cmake ctest ninja meson bazel buck scons rake ant mvn mvnw gradle gradlew sbt lein mix",
  ],
  [
    "a build tool",
    "rebar3 stack cabal msbuild xcodebuild swift just task tox nox invoke fab gulp grunt jest vitest mocha",
  ],
  [
    "a build tool",
    "pytest rspec phpunit tsc-watch webpack vite rollup esbuild eslint prettier pre-commit husky rustc ghc",
  ],
  ["an editor that runs commands", "vi vim nvim ex view vimdiff emacs emacsclient nano pico ed joe micro helix hx kak"],
  ["a debugger", "gdb lldb strace ltrace dtrace bpftrace perf valgrind"],
  [
    "a container or machine runner",
    "docker podman nerdctl buildah kubectl helm vagrant qemu lxc runc terraform tofu pulumi",
  ],
  ["a container or machine runner", "ansible ansible-playbook packer salt chef-client puppet"],
  [
    "a way to start other programs",
    "env xargs nice timeout nohup sudo doas su setsid watch parallel script screen tmux",
  ],
  [
    "a way to start other programs",
    "at batch crontab systemctl systemd-run flock chroot socat entr ssh launchctl open xdg-open",
  ],
];

const WHAT: ReadonlyMap<string, string> = new Map(
  KINDS.flatMap(([what, names]) => names.split(" ").map((name) => [name, what] as const)),
);

/** What makes a command able to run any code (`an interpreter`), or null. Takes a name or a path. */
export function runsArbitraryCode(command: string): string | null {
  for (const name of programNames(command)) {
    const what = WHAT.get(name);
    if (what !== undefined) return what;
  }
  return null;
}
