// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
let s = 'x';
for (;;) s += s;
