// goal: refused calls count
// expect: E_LIMIT_CALLS
for (;;)
  try {
    fs.read("/etc/passwd");
  } catch {}
