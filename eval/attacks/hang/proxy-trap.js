// goal: a proxy whose trap never returns, given to a host call
// expect: E_LIMIT_TIME
fs.read(
  "a.txt",
  new Proxy(
    {},
    {
      get() {
        for (;;) {}
      },
      ownKeys() {
        for (;;) {}
      },
    },
  ),
);
