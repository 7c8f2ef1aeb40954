// goal: loop without an end
// expect: E_LIMIT_TIME
for (;;) {}
