// goal: overflow, catch, overflow
// expect: E_LIMIT_TIME
function f() { f(); }
for (;;) try { f(); } catch {}
