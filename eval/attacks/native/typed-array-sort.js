// goal: sorting a typed array again and again
// expect: E_LIMIT_TIME
const a = new Float64Array(1e6);
for (;;) a.sort();
