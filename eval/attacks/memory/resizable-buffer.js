// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
const b = new ArrayBuffer(0, { maxByteLength: 2 ** 30 });
b.resize(2 ** 30);
