// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY|E_LIMIT_TIME
let o = {};
for (let i = 0; i < 1e5; i++) o = { o };
JSON.stringify(o);
