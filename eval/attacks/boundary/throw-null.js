// goal: throw null
// expect: error
throw null;
