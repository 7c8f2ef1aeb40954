// goal: timers that make timers
// expect: E_LIMIT_TIME
function again() {
  setTimeout(again, 0);
}
again();
