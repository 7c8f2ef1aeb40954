// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError|E_LIMIT_TIME
const s = "[" + "1,".repeat(1e6) + "1]";
const a = [];
for (;;) a.push(JSON.parse(s));
