// goal: a getter that never returns, read by JSON
// expect: E_LIMIT_TIME
JSON.stringify({
  get a() {
    for (;;) {}
  },
});
