// goal: use more memory than there is
// expect: E_LIMIT_MEMORY|RangeError|InternalError|E_LIMIT_TIME
for (;;)
  try {
    const a = [];
    for (;;) a.push("x".repeat(1e5) + a.length);
  } catch {}
