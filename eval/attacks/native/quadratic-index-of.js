// goal: a quadratic search in a long string
// expect: E_LIMIT_TIME
const s = 'a'.repeat(2e6), t = 'a'.repeat(1e6) + 'b';
for (;;) s.indexOf(t);
