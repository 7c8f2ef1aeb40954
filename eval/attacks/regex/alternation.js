// goal: catastrophic backtracking
// expect: E_LIMIT_TIME
/^(a|a)*$/.test('a'.repeat(40) + 'b');
