// goal: a flood of rejected promises
// expect: E_LIMIT_MEMORY|E_LIMIT_TIME|Error
for (;;) Promise.reject(1);
