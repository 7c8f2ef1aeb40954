// goal: a comparator that never returns
// expect: E_LIMIT_TIME
[3, 2, 1].sort(() => {
  for (;;) {}
});
