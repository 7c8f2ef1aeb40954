// goal: print without an end
// expect: E_LIMIT_OUTPUT
for (;;) print('x'.repeat(100));
