// goal: one line longer than everything
// expect: E_LIMIT_OUTPUT
print('x'.repeat(5e6));
