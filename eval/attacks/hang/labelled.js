// goal: labelled continue
// expect: E_LIMIT_TIME
for (;;) {
  for (;;);
}
