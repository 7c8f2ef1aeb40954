// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY|RangeError
Math.max(...new Array(1e7).fill(1));
