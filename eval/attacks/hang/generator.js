// goal: a generator that never ends
// expect: E_LIMIT_TIME
function* g() {
  for (;;) yield 1;
}
for (const x of g());
