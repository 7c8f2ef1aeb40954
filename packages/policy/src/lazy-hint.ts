/**
 * Decisions whose hint is only made when somebody reads it: most denials of a run are caught or counted, and the sentence
 * costs more than the answer. To everything that reads a decision the hint is a member like the others: it is there for
 * JSON, spreading, cloning and comparing, and its text is made once.
 */
import type { Decision } from "./decision.ts";

type Hintless = Omit<Decision, "hint">;

/** The decision with a hint as its next member. */
export function withHint(decision: Hintless, make: () => string): Decision {
  new Note(decision, make);
  return Object.defineProperty(decision, "hint", HINT) as Decision;
}

/** All but the hint, without making it. */
export function withoutHint(decision: Decision): Hintless {
  const { effect, code, rule, matched, layer } = decision;
  const rest = Object.keys(decision).filter((key) => !MEMBERS.has(key));
  const copy: Record<string, unknown> = { effect, code, rule, matched, layer };
  for (const key of rest) copy[key] = decision[key as keyof Decision];
  return copy as unknown as Hintless;
}

const MEMBERS: ReadonlySet<string> = new Set(["effect", "code", "rule", "matched", "layer", "hint"]);

class Given {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: a private field is put on an object that stays a plain one
    return target;
  }
}

/** What nobody sees of a decision. */
class Note extends Given {
  #hint: string | (() => string);

  constructor(target: object, make: () => string) {
    super(target);
    this.#hint = make;
  }

  static read(target: object): string {
    const note = target as Note;
    if (typeof note.#hint !== "string") note.#hint = told(note.#hint);
    return note.#hint;
  }
}

/** Who reads a refusal gets one, whatever happens. */
function told(make: () => string): string {
  try {
    return make();
  } catch {
    return "nothing can be said about what would be allowed";
  }
}

const HINT: PropertyDescriptor = {
  get(this: object) {
    return Note.read(this);
  },
  enumerable: true,
  configurable: true,
};
