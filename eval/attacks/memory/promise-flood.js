// goal: a flood of pending jobs
// expect: E_LIMIT_MEMORY|E_LIMIT_TIME
for (;;) Promise.resolve().then(() => {});
