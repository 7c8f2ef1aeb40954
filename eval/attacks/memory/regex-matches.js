// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
const a = [];
for (;;) a.push(...'ab'.repeat(1e4).matchAll(/a/g));
