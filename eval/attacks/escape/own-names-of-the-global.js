// goal: no name of the global leads to the kernel
// expect: value []
return Object.getOwnPropertyNames(globalThis).filter((n) => /kernel|__host|dispatch|qts|primordial/i.test(n));
