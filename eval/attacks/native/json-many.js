// goal: large JSON texts one after another
// expect: E_LIMIT_TIME
const o = Array.from({ length: 1e5 }, (_, i) => 'k' + i);
for (;;) JSON.stringify(o);
