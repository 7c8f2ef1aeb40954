// goal: catastrophic backtracking
// expect: E_LIMIT_TIME
/^(?=(a+)+b)a/.test('a'.repeat(60));
