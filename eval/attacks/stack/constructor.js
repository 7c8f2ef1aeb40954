// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY
class A { constructor() { new A(); } }
new A();
