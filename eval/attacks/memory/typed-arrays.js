// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError
const a = [];
for (;;) a.push(new Uint8Array(1e6));
