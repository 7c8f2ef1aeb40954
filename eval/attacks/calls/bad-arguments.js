// goal: calls with bad arguments count
// expect: E_LIMIT_CALLS|E_LIMIT_TIME
for (;;)
  try {
    fs.read(1);
  } catch {}
