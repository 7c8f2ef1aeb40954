// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
const m = new Map();
for (let i = 0; ; i++) m.set(i, { i });
