// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY
function* g() { yield* g(); }
g().next();
