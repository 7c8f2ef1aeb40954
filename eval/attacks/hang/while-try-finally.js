// goal: keep the loop alive by finally
// expect: E_LIMIT_TIME
function f() {
  try {
    for (;;) {}
  } finally {
    f();
  }
}
f();
