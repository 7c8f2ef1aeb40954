// goal: a promise chain without an end
// expect: E_LIMIT_TIME|E_LIMIT_MEMORY
function again() {
  return Promise.resolve().then(again);
}
await again();
