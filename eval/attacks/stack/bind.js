// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY|E_LIMIT_TIME
let f = () => {};
for (let i = 0; i < 1e5; i++) f = f.bind(null);
f();
