// goal: microtasks that make microtasks
// expect: E_LIMIT_TIME
function again() {
  queueMicrotask(again);
}
again();
await new Promise(() => {});
