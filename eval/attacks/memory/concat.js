// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
let a = [1];
for (;;) a = a.concat(a);
