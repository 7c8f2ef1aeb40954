// goal: catastrophic backtracking
// expect: E_LIMIT_TIME
/^(a*?)*?b/.test('a'.repeat(60));
