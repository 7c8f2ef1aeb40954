// goal: an iterator whose return never ends
// expect: E_LIMIT_TIME
const it = {
  [Symbol.iterator]() {
    return this;
  },
  next() {
    return { done: false };
  },
  return() {
    for (;;) {}
  },
};
for (const x of it) break;
