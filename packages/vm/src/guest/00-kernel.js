/*
 * The kernel: the first file in the VM, and the only one that talks to the host. Scripts can never reach `kernel`.
 *
 * HOW A GUEST FILE RUNS. Each file is the BODY of a function: `(function (kernel) { "use strict"; FILE })(kernel)`, in
 * the order of the names, once, when the image is built. No import, no export, no wrapper in the file, no directive.
 * Top-level `const` are private to the file; what another file needs goes on `kernel` (`kernel.URL = URL`). Inside a
 * file the names of the standard globals (Array, JSON, Map, Promise, ...) are bound to the originals for good: a script
 * that assigns `globalThis.JSON` changes nothing here. Prototypes are frozen after the last file, so `list.push(x)` on an
 * OWN array is safe at run time; methods of a value that came from a script are not (own properties, proxies, getters):
 * use primordials on those. Time, chance and the host do not exist while the image is built: no `kernel.call` then.
 *
 * kernel.call(op, args)       One synchronous host call (JSON-ABI). `args` is read once by JSON.stringify; what JSON
 *                             cannot hold is E_ARGUMENT. Returns the JSON value or throws an AgentRunError.
 * kernel.start(op, args)      The same, started: a Promise of the value. Argument errors reject, too.
 * kernel.AgentRunError        The class (`instanceof Error`; a global for scripts). Own data properties: name, code,
 *                             message, capability, target, rule, hint; null where the host said nothing. `rule` is a
 *                             frozen {id, file?, line?}. What a script constructs itself carries `code: null` outside.
 * kernel.throwError(code, message, extra?)   Throws a genuine one; extra: {capability?, target?, rule?, hint?}.
 * kernel.makeError(code, message, extra?)    Makes one without throwing it.
 * kernel.primordials          Originals under Node's names, prototype methods uncurried: ObjectKeys, JSONStringify,
 *                             ArrayPrototypePush(list, x), StringPrototypeSlice(text, 0, 3), MapPrototypeGetSize(map),
 *                             ArrayPrototypeSymbolIterator(list), SymbolIterator, and the constructors themselves
 *                             (Map, Promise, Uint8Array). Also uncurryThis(f), hidden routes to code closed.
 * kernel.define(name, value)  A global for scripts: writable, configurable, not enumerable. Name clashes throw at build.
 * kernel.harden(value)        Also freeze what only closures reach (a Response class, an iterator's prototype): value and
 *                             everything reachable from it is frozen with the primordials. Build time only.
 * kernel.setup                {args: string[], input: Json, seed: number, startMs: number, grants: Json}, filled anew
 *                             at the start of each run; null-prototype. Read it at run time only.
 * kernel.onStart(fn)          fn() runs at the start of each run, after the restore, in the order of registration.
 * kernel.fireTimer            A slot: the timers' file sets `kernel.fireTimer = () => boolean`. Called when no job is
 *                             ready and no started call is in flight; fires one timer, answers whether there was one.
 *                             What its callback throws ends the run as an uncaught error.
 * kernel.toText(value)        String(value) for texts that are shown: never throws, never runs the script's code.
 * kernel.native(name, length, fn)   Names a function for show (`print`), returns it.
 *
 * Date and Math.random need no wrapper: the engine's clock stands at `startMs` (UTC) and its generator is seeded by
 * `seed` at the start of each run. `kernel.primordials.MathRandom()` draws from the script's own stream.
 * Unhandled rejections are seen by the machine; nobody here has to track promises.
 */
