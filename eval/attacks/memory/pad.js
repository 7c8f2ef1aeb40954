// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
const a = [];
for (;;) a.push('a'.padStart(1e6) + a.length);
