// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
new ArrayBuffer(2 ** 31 - 1);
