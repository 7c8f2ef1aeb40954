// goal: swallow the interrupt and go on
// expect: E_LIMIT_TIME
for (;;) {
  try {
    for (;;) {}
  } catch {}
}
