// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError|E_LIMIT_TIME
const a = [];
for (;;) a.push(new Promise(() => {}));
