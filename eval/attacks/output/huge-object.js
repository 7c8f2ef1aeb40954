// goal: an object that prints long
// expect: E_LIMIT_OUTPUT|value
print(Array.from({ length: 1e4 }, (_, i) => ({ i, s: 'x'.repeat(200) })));
for (;;) print(Array.from({ length: 100 }, (_, i) => 'x'.repeat(100) + i));
