// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY
const p = new Proxy({}, { get: (t, k, r) => r[k] });
p.x;
