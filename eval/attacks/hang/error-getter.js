// goal: an error whose message never ends is thrown
// expect: E_LIMIT_TIME
const e = new Error("x");
Object.defineProperty(e, "stack", {
  get() {
    for (;;) {}
  },
});
Object.defineProperty(e, "message", {
  get() {
    for (;;) {}
  },
});
try {
  throw e;
} catch (x) {
  String(x.message);
}
