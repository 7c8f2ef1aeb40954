// goal: recursion without an end
// expect: E_LIMIT_STACK|E_LIMIT_MEMORY
(function f() {
  "a".replace(/a/, f);
})();
