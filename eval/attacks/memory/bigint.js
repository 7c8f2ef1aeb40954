// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
const a = [];
for (;;) a.push(2n ** 100000n);
