// goal: a built-in that never polls the interrupt
// expect: E_LIMIT_TIME|E_LIMIT_MEMORY
Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);
