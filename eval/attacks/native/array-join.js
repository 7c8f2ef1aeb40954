// goal: a built-in that never polls the interrupt
// expect: E_LIMIT_TIME|E_LIMIT_MEMORY
Array(1e9).join('ab');
