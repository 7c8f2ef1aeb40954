// goal: fetches that are refused count
// expect: E_LIMIT_CALLS
for (;;) {
  const p = fetch("https://example.com/").catch(() => {});
  await p;
}
