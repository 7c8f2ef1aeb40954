// goal: arithmetic on huge integers
// expect: E_LIMIT_TIME
let x = 3n;
for (;;) x = (x * x) % 2n ** 4000n;
