// goal: toString of a printed value never returns
// expect: E_LIMIT_TIME
print(
  {
    toString() {
      for (;;) {}
    },
    [Symbol.toPrimitive]() {
      for (;;) {}
    },
  } + "",
);
