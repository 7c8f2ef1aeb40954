// goal: catastrophic backtracking
// expect: E_LIMIT_TIME
/^(\p{L}+)+$/u.test('ä'.repeat(40) + '1');
