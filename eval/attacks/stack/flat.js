// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY|RangeError
const a = [];
a[0] = a;
a.flat(Infinity);
