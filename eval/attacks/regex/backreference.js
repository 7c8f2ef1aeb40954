// goal: catastrophic backtracking
// expect: E_LIMIT_TIME
/^(.*)*\1x$/.test('a'.repeat(60));
