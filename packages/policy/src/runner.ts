/**
 * Commands that run the command in their arguments (`npx git push`, `bundle exec ruby -e ...`, `uv run python -c ...`). What is
 * denied or asked about stays so behind them: otherwise a grant of the runner would be a way around every `deny_args`. It is
 * no wall, as what they run can start more, which only the jail bounds; it is the same answer for the same words.
 */
import { type Line, readLine } from "./argv.ts";
import { baseName, type CommandText, programNames } from "./command.ts";

const RUNNERS: ReadonlySet<string> = new Set(
  [
    "npx npm pnpm pnpx yarn yarnpkg bun bunx corepack node nodejs",
    "uv uvx poetry pdm hatch pipx pipenv conda mamba micromamba tox nox python pyenv",
    "bundle bundler gem rbenv ruby rustup asdf mise direnv",
  ].flatMap((names) => names.split(" ")),
);

/** Of one name in one command line; with more of them nobody can say which is the command. */
const MAX_SAME = 16;

/** By the names of the program that a word could be, the places of the words. */
type Places = ReadonlyMap<string, readonly number[]>;

const known = new WeakMap<CommandText, Places>();

/** Command lines in the arguments of a runner that begin with `name`, as a rule names commands; none of other programs. */
export function linesBehind(command: CommandText, name: string): readonly Line[] {
  const program = baseName(name).toLowerCase();
  const found = placesIn(command).get(program) ?? [];
  const lines = found.slice(0, MAX_SAME).map((at) => readLine(program, command.argv.slice(at + 1)));
  return found.length > MAX_SAME ? lines.map((line) => ({ ...line, unread: true })) : lines;
}

/** All names of commands in the arguments of a runner. */
export const namesBehind = (command: CommandText): readonly string[] => [...placesIn(command).keys()];

/** Does it run commands in its arguments? */
export const isRunner = ({ programs }: CommandText): boolean => programs.some((program) => RUNNERS.has(program));

function placesIn(command: CommandText): Places {
  const places = known.get(command) ?? (isRunner(command) ? placesOf(command.argv) : NOWHERE);
  known.set(command, places);
  return places;
}

const NOWHERE: Places = new Map();

function placesOf(argv: readonly string[]): Places {
  const places = new Map<string, number[]>();
  for (const [at, word] of argv.entries()) {
    if (at === 0 || word === "" || word.startsWith("-")) continue;
    for (const program of programNames(word))
      places.set(program, [...(places.get(program) ?? []), at].slice(0, MAX_SAME + 1));
  }
  return places;
}
