// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError|E_LIMIT_TIME
const a = [new Array(1e5).fill({})];
for (;;) a.push(structuredClone(a[0]));
