// goal: normalization of a long string again and again
// expect: E_LIMIT_TIME
const s = '\u0344'.repeat(2e5);
for (;;) s.normalize('NFKD');
