// goal: stack overflow is caught and the script goes on
// expect: value
let n = 0;
function f() { n++; f(); }
try { f(); } catch (e) { return e instanceof Error && n > 100; }
