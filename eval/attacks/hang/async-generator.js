// goal: an async generator without an end
// expect: E_LIMIT_TIME
async function* g() {
  for (;;) yield 1;
}
for await (const x of g());
