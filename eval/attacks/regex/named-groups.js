// goal: catastrophic backtracking
// expect: E_LIMIT_TIME
/^(?<x>a+)+(?<y>a+)+$/.test('a'.repeat(60) + 'b');
