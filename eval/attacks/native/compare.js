// goal: comparison of long equal strings
// expect: E_LIMIT_TIME
const s = 'a'.repeat(4e6), t = 'a'.repeat(4e6 - 1) + 'b';
let n = 0;
for (;;) n += s < t ? 1 : 0;
