// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY
const f = () => g(), g = () => f();
f();
