// goal: names that give code or the host
// expect: value []
return ['Function', 'eval', 'GeneratorFunction', 'AsyncFunction', 'WebAssembly', 'Worker', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'std', 'os', 'scriptArgs', '__loadScript', 'gc', 'global', 'Deno', 'Bun'].filter((n) => { try { return typeof globalThis[n] !== 'undefined' && typeof globalThis[n] !== 'function' || typeof globalThis[n] === 'function' && globalThis[n]('return 1') !== undefined; } catch { return false; } }).filter((n) => n !== 'global');
