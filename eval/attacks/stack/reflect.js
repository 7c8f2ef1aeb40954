// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY
function f() {
  Reflect.apply(f, null, []);
}
f();
